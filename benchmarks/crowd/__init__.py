"""A thousand WebSockets in a process of their own, that cost next to nothing for each message.

The client and the service share the machine's cores: a client library would take more of them than
the service does. This one walks over the heads of frames, and reads two numbers in each.
"""
