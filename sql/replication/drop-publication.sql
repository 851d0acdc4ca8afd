drop publication :"publication";
