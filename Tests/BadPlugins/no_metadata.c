/* A library like any other. */
int something_else(void) { return 0; }
