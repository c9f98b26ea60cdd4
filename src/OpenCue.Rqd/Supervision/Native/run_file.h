/*
 * The run file is where agent and supervisor meet, also after the agent was killed and started again.
 * RunFile.cs has the other half of this layout:
 *
 *   offset     slot      written by  text, ended by a newline; empty while its first byte is 0
 *        0     magic     agent       "OpenCue run 1"
 *      512     started   supervisor  supervisor-pid its-start-tick main-pid its-start-tick unix-ms
 *     1024     ended     supervisor  exit|signal|failed value unix-ms run-ms user-ms system-ms max-rss-kib [message]
 *     1536     kill      agent       why the frame was ordered to die
 *     2048     usage     agent       peak memory of the frame's processes together, KiB: resident, proportional, virtual
 *     2560     launch    agent       strings, each ended by a 0, the first character says what it is; an empty string ends them
 *
 * The slots are there from the start, so that an exit status can be stored on a full disk. While the supervisor lives it holds an
 * exclusive flock on the file; whoever gets the lock and finds no "ended" knows that the exit status is lost.
 */
#ifndef RUN_FILE_H
#define RUN_FILE_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

enum { SLOT = 512, STARTED = 512, ENDED = 1024, KILL = 1536, USAGE = 2048, LAUNCH = 2560 };

/* What to run, as whom and how; the letter is the first character of its string in the run file. */
struct launch {
    bool become;                /* u  switch to uid, gid and groups; only root can */
    uid_t uid;
    gid_t gid;                  /* g */
    gid_t *groups;              /* G  1,2,3 */
    size_t group_count;
    mode_t umask;               /* m  octal */
    int nice;                   /* n */
    rlim_t open_files;          /* f  soft limit; 0 leaves it */
    bool pin;                   /* a  processors, 0,2,3 */
    cpu_set_t cpus;
    int64_t grace_ms;           /* k  between SIGTERM and SIGKILL */
    char *directory;            /* w */
    char *log;                  /* l */
    int rotations;              /* r  old logs that are kept */
    char *header;               /* h  first text of the log */
    char *shell;                /* s */
    char *command;              /* c */
    char **environment;         /* e  NAME=VALUE, one string for each */
    size_t environment_count;
};

extern struct launch launch;

/* Opens, locks and reads the run file. Does not return if another supervisor has it or the run is over. */
void open_run(const char *path);

bool read_slot(off_t offset, char text[SLOT]);
void write_slot(off_t offset, const char *text);

/* Stores how the frame ended; from then on its status survives everything but the loss of the disk. */
void write_ended(const char *kind, int value, int64_t run_ms, const char *message);

/* Says a problem on stderr and ends the process: for the time before the run file is open, when nothing else can be done. */
__attribute__((noreturn, format(printf, 1, 2)))
void give_up(const char *format, ...);

int64_t clock_ms(clockid_t clock);
int64_t timeval_ms(struct timeval time);

#endif
