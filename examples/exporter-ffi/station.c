/* A small C library, as a vendor gives one with a device: it knows nothing of weir. */
#include <stdint.h>
#include <string.h>

struct reading {
    double celsius;
    uint16_t humidity; /* tenths of a percent */
    uint8_t battery;   /* percent */
    char name[12];
    struct {
        uint32_t good, bad;
    } packets;
};

/* Fills in up to `capacity` readings; returns how many there are, or -1. */
int station_read(const char *port, struct reading *readings, int capacity) {
    static const struct reading known[] = {
        {21.5, 403, 97, "hall", {1200, 3}},
        {-4.25, 871, 61, "roof", {1188, 15}},
    };
    int count = sizeof known / sizeof known[0];
    if (strncmp(port, "/dev/", 5) != 0) return -1;
    memcpy(readings, known, sizeof known[0] * (capacity < count ? capacity : count));
    return count;
}

const char *station_firmware(void) { return "2.1.7"; }

uint64_t station_uptime_ms(void) { return 86400000; }
