-- Behind a pooler, the server's process goes on to serve others, and would go on listening.
unlisten :"channel";
unlisten :"own_channel";
