/* The frame's log, written with the rights of the job's user: on a file server root often has none. */
#ifndef FRAME_LOG_H
#define FRAME_LOG_H

#include <stdint.h>
#include <sys/resource.h>

extern int log_file;

/* Makes the directory, renames the log of an earlier attempt, opens a new one and writes its header. Fails the run if it cannot. */
void open_log(void);

void write_log(const char *text);
void write_footer(const char *how, int64_t run_ms, const struct rusage *usage, int left_behind);

/* Stores that the frame could not be started and why, in the run file and in the log if there is one, and ends the process. */
__attribute__((noreturn, format(printf, 2, 3)))
void fail(int error, const char *format, ...);

#endif
