#define _GNU_SOURCE
#include "run_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct launch launch = { .umask = 022, .grace_ms = 4000, .rotations = 99, .shell = "/bin/sh" };

static int run_file = -1;

int64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t timeval_ms(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000 + time.tv_usec / 1000;
}

void give_up(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("rqd-supervisor: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(2);
}

void write_slot(off_t offset, const char *text)
{
    char slot[SLOT] = { 0 };
    size_t length = strnlen(text, SLOT - 2);
    memcpy(slot, text, length);
    slot[length] = '\n';
    while (pwrite(run_file, slot, SLOT, offset) < 0 && errno == EINTR)
        ;
}

bool read_slot(off_t offset, char text[SLOT])
{
    ssize_t length = pread(run_file, text, SLOT - 1, offset);
    if (length <= 0 || text[0] == 0)
        return false;
    text[length] = 0;
    char *end = strchr(text, '\n');
    if (end == NULL)
        return false;
    *end = 0;
    return true;
}

void write_ended(const char *kind, int value, int64_t run_ms, const char *message)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    char text[SLOT];
    snprintf(text, sizeof text, "%s %d %lld %lld %lld %lld %ld %s", kind, value, (long long)clock_ms(CLOCK_REALTIME), (long long)run_ms,
        (long long)timeval_ms(usage.ru_utime), (long long)timeval_ms(usage.ru_stime), usage.ru_maxrss, message);
    write_slot(ENDED, text);
    /* For the case that the machine loses power while no agent is there to pass the result on. */
    fdatasync(run_file);
}

static void parse_cpus(char *list)
{
    launch.pin = true;
    CPU_ZERO(&launch.cpus);
    for (char *cpu = strtok(list, ","); cpu != NULL; cpu = strtok(NULL, ","))
        CPU_SET(atoi(cpu), &launch.cpus);
}

static void parse_groups(char *list)
{
    launch.groups = calloc(strlen(list) + 1, sizeof(gid_t));
    if (launch.groups == NULL)
        give_up("out of memory");
    for (char *group = strtok(list, ","); group != NULL; group = strtok(NULL, ","))
        launch.groups[launch.group_count++] = (gid_t)strtoul(group, NULL, 10);
}

static void parse_launch(char *text, const char *end)
{
    launch.environment = calloc((size_t)(end - text) + 1, sizeof(char *));
    if (launch.environment == NULL)
        give_up("out of memory");

    for (char *next; text < end && *text != 0; text = next) {
        next = text + strlen(text) + 1;
        char *value = text + 1;
        switch (*text) {
        case 'u': launch.become = true; launch.uid = (uid_t)strtoul(value, NULL, 10); break;
        case 'g': launch.gid = (gid_t)strtoul(value, NULL, 10); break;
        case 'G': parse_groups(value); break;
        case 'm': launch.umask = (mode_t)strtoul(value, NULL, 8); break;
        case 'n': launch.nice = atoi(value); break;
        case 'f': launch.open_files = strtoull(value, NULL, 10); break;
        case 'a': parse_cpus(value); break;
        case 'k': launch.grace_ms = atoll(value); break;
        case 'w': launch.directory = value; break;
        case 'l': launch.log = value; break;
        case 'r': launch.rotations = atoi(value); break;
        case 'h': launch.header = value; break;
        case 's': launch.shell = value; break;
        case 'c': launch.command = value; break;
        case 'e': launch.environment[launch.environment_count++] = value; break;
        default: give_up("the run file has an entry of unknown kind '%c'", *text);
        }
    }
    if (launch.command == NULL || launch.log == NULL || launch.directory == NULL)
        give_up("the run file is not complete");
    if (launch.become && launch.uid == 0)
        give_up("refusing to run a frame as root for its user");
}

void open_run(const char *path)
{
    run_file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (run_file < 0)
        give_up("cannot open %s: %s", path, strerror(errno));
    if (flock(run_file, LOCK_EX | LOCK_NB) != 0)
        exit(0);

    char slot[SLOT];
    if (read_slot(ENDED, slot) || read_slot(STARTED, slot))
        exit(0);

    struct stat status;
    if (fstat(run_file, &status) != 0 || status.st_size <= LAUNCH)
        give_up("%s is not a run file", path);
    size_t size = (size_t)(status.st_size - LAUNCH);
    char *text = malloc(size + 1);
    if (text == NULL)
        give_up("out of memory");
    for (size_t done = 0; done < size;) {
        ssize_t count = pread(run_file, text + done, size - done, (off_t)(LAUNCH + done));
        if (count <= 0)
            give_up("cannot read %s: %s", path, count < 0 ? strerror(errno) : "it got shorter");
        done += (size_t)count;
    }
    text[size] = 0;
    parse_launch(text, text + size);
}
