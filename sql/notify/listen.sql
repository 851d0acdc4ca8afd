-- LISTEN on the channel of the changes, and on one of our own, for notifications to ourselves.
listen :"channel";
listen :"own_channel";
