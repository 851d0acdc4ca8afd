unlisten :"channel"
