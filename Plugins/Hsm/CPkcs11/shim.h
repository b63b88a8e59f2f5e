/* PKCS#11 as p11-kit writes it down; nothing is linked. */
#include <p11-kit-1/p11-kit/pkcs11.h>
