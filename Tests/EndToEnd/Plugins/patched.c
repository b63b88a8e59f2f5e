/* Writes into a constant, as a library does that unpacks itself, and gives memory back: ends with 0 if
 * what was written is there still and most of the rest has gone. */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <weir_memory.h>

enum { PAGES = 512, PAGE = 65536 };
/* Aligned for the largest pages that there are. */
static const char constants[PAGES][4096] __attribute__((aligned(PAGE))) = {{7}};

/* As it is in memory: the compiler knows what a constant is. */
static char at(int page) { return *(const volatile char *)&constants[page][0]; }

static long resident(void) {
    long pages = 0, here = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &pages, &here) != 2) return -1;
    fclose(file);
    return here;
}

int main(void) {
    int sum = 0;
    for (int i = 0; i < PAGES; i++) sum += at(i);
    if (mprotect((void *)constants, PAGE, PROT_READ | PROT_WRITE) != 0) return 2;
    *(volatile char *)(uintptr_t)constants = 42;
    if (mprotect((void *)constants, PAGE, PROT_READ) != 0) return 3;
    long before = resident();
    weir_memory_give_back();
    long after = resident();
    printf("sum %d, resident %ld and %ld pages, constant %d\n", sum, before, after, at(0));
    if (at(0) != 42 || at(1) != 0) return 1;
    return (before - after) * sysconf(_SC_PAGESIZE) > (long)PAGES * 4096 / 2 ? 0 : 4;
}
