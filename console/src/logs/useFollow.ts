import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Pixels from the end that still are the end: browsers round. */
const NEAR_PX = 4;

/**
 * Keeps a scrolled element at its end while it grows: until somebody scrolls up, and again once they are back at the end.
 */
export function useFollow(element: RefObject<HTMLElement | null>, follows: boolean) {
  // Read by what scrolls before React draws again, which draws the button.
  const isFollowing = useRef(follows);
  const [isAtEnd, setAtEnd] = useState(follows);
  const seen = useRef({ top: 0, height: 0 });

  const look = useCallback(() => {
    const scrolled = element.current;
    if (!scrolled) return;
    const { scrollTop: top, scrollHeight: height, clientHeight } = scrolled;
    const isNear = height - top - clientHeight <= NEAR_PX;
    const isUp = top < seen.current.top && height === seen.current.height;
    if (isUp) isFollowing.current = false;
    else if (isNear) isFollowing.current = true;
    seen.current = { top, height };
    setAtEnd(isNear || isFollowing.current);
  }, [element]);

  useEffect(() => {
    const scrolled = element.current;
    if (!scrolled) return;
    const turn = ({ deltaY }: WheelEvent) => {
      if (deltaY < 0) isFollowing.current = false;
    };
    // Before the list's own listener, which draws, and would scroll to the end once more.
    scrolled.addEventListener("scroll", look, { capture: true, passive: true });
    scrolled.addEventListener("wheel", turn, { capture: true, passive: true });
    return () => {
      scrolled.removeEventListener("scroll", look, { capture: true });
      scrolled.removeEventListener("wheel", turn, { capture: true });
    };
  }, [element, look]);

  // After each drawing: it may have become longer.
  useLayoutEffect(() => {
    const scrolled = element.current;
    if (!scrolled) return;
    if (isFollowing.current) scrolled.scrollTop = scrolled.scrollHeight;
    const { scrollTop: top, scrollHeight: height, clientHeight } = scrolled;
    seen.current = { top, height };
    setAtEnd(isFollowing.current || height - top - clientHeight <= NEAR_PX);
  });

  const follow = useCallback(
    (follows: boolean) => {
      isFollowing.current = follows;
      const scrolled = element.current;
      if (follows && scrolled) scrolled.scrollTop = scrolled.scrollHeight;
    },
    [element],
  );
  return { isFollowing, isAtEnd, follow };
}
