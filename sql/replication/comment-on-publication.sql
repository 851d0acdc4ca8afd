comment on publication :"publication" is :'comment';
