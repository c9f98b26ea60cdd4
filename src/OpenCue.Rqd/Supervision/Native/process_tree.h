/* The processes below this one, found in /proc. */
#ifndef PROCESS_TREE_H
#define PROCESS_TREE_H

#include <sys/types.h>

/* When the process started, in clock ticks since the machine did: with its id, an identity that is never used again. 0 if it is gone. */
unsigned long long start_tick_of(pid_t pid);

/* Signals every descendant and returns how many there were. SIGTERM also wakes the stopped ones. */
int signal_tree(int signal_number);

#endif
