/** Pixels of a row that is not wrapped; room for a finger where there are fingers. */
export const ROW_PX = matchMedia("(pointer: coarse)").matches ? 24 : 17;

/** Pixels: Firefox draws an element of up to 17.9 million, others more. Wrapped rows take some more than theirs. */
const MAX_HEIGHT_PX = 17_000_000;

/** Rows at once; of a longer log a part of this many lines is shown. */
export const MAX_ROWS = Math.floor(MAX_HEIGHT_PX / ROW_PX);
