#define _GNU_SOURCE
#include "frame_log.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "run_file.h"

int log_file = -1;

void fail(int error, const char *format, ...)
{
    char what[SLOT - 160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    char message[SLOT - 100];
    snprintf(message, sizeof message, "%s: %s", what, strerror(error));
    write_ended("failed", error, 0, message);
    if (log_file >= 0)
        dprintf(log_file, "The frame could not be started: %s\n", message);
    exit(0);
}

static void as_user(void)
{
    if (launch.become
        && (setgroups(launch.group_count, launch.groups) != 0 || setegid(launch.gid) != 0 || seteuid(launch.uid) != 0))
        fail(errno, "cannot become user %u", launch.uid);
}

static void as_self(void)
{
    if (launch.become && (seteuid(getuid()) != 0 || setegid(getgid()) != 0))
        fail(errno, "cannot become user %u again", getuid());
}

/*
 * The job's own directory is the last one and belongs to its user. Those above it are shared by all users of the show and shot: like /tmp, everybody may
 * add to them and nobody may remove what is another's.
 */
static void make_directories(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        struct stat status;
        if (stat(path, &status) != 0) {
            const int is_shared = strchr(slash + 1, '/') != NULL;
            if (mkdir(path, 0775) == 0) {
                if (is_shared && chmod(path, 01777) != 0)
                    fail(errno, "cannot open the log directory %s to other users as user %u", path, geteuid());
            } else if (errno != EEXIST) {
                fail(errno, "cannot make the log directory %s as user %u", path, geteuid());
            }
        }
        *slash = '/';
    }
}

/* The log of an earlier attempt becomes .1, .2 ...: the first name that is free, so .1 is the oldest. */
static void rotate_log(void)
{
    struct stat status;
    if (lstat(launch.log, &status) != 0)
        return;
    char old[PATH_MAX + 16];
    for (int number = 1; number <= launch.rotations; number++) {
        snprintf(old, sizeof old, "%s.%d", launch.log, number);
        if (number == launch.rotations || lstat(old, &status) != 0)
            break;
    }
    if (rename(launch.log, old) != 0)
        fail(errno, "cannot rename the old log %s as user %u", launch.log, geteuid());
}

void write_log(const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t count = write(log_file, text, left);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return;   /* a full disk must not keep the frame from running */
        text += count;
        left -= (size_t)count;
    }
}

void open_log(void)
{
    as_user();
    make_directories(launch.log);
    rotate_log();
    log_file = open(launch.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0664);
    if (log_file < 0)
        fail(errno, "cannot write the log %s as user %u", launch.log, geteuid());
    if (launch.header != NULL)
        write_log(launch.header);
    as_self();
}

void write_footer(const char *how, int64_t run_ms, const struct rusage *usage, int left_behind)
{
    char when[64], peak[SLOT], reason[SLOT], text[3 * SLOT];
    time_t now = time(NULL);
    struct tm parts;
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S %z", localtime_r(&now, &parts));
    bool has_peak = read_slot(USAGE, peak), has_reason = read_slot(KILL, reason);
    if (has_peak)
        peak[strcspn(peak, " ")] = 0;   /* the first number is the resident memory */

    int length = snprintf(text, sizeof text,
        "\n---- end of frame ----\n"
        "ended       %s\n"
        "result      %s\n"
        "run time    %.1f s (cpu: user %.1f s, system %.1f s)\n"
        "memory      largest process %ld KiB%s%s%s\n",
        when, how, (double)run_ms / 1000, (double)timeval_ms(usage->ru_utime) / 1000, (double)timeval_ms(usage->ru_stime) / 1000,
        usage->ru_maxrss, has_peak ? ", all together at the most " : "", has_peak ? peak : "", has_peak ? " KiB" : "");
    if (has_reason)
        length += snprintf(text + length, sizeof text - (size_t)length, "killed      %s\n", reason);
    if (left_behind > 0)
        snprintf(text + length, sizeof text - (size_t)length,
            "left over   %d processes of the frame were still running after its end and were killed\n", left_behind);
    write_log(text);
}
