#define _GNU_SOURCE
#include "process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_stat(pid_t pid, pid_t *parent, unsigned long long *start_tick)
{
    char path[32], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0)
        return false;
    text[length] = 0;
    char *fields = strrchr(text, ')');   /* the name before may hold anything, parentheses included */
    int parent_value;
    unsigned long long tick;
    if (fields == NULL || sscanf(fields + 1,
            " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &parent_value, &tick) != 2)
        return false;
    *parent = parent_value;
    if (start_tick != NULL)
        *start_tick = tick;
    return true;
}

unsigned long long start_tick_of(pid_t pid)
{
    pid_t parent;
    unsigned long long tick = 0;
    read_stat(pid, &parent, &tick);
    return tick;
}

struct process {
    pid_t pid, parent;
    bool ours;
};

static int by_pid(const void *left, const void *right)
{
    return ((const struct process *)left)->pid - ((const struct process *)right)->pid;
}

/* All processes of the machine, in one pass over /proc. */
static size_t read_processes(struct process **table)
{
    static struct process *processes;
    static size_t capacity;
    size_t count = 0;
    DIR *proc = opendir("/proc");
    if (proc == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
        struct process process = { .pid = atoi(entry->d_name) };
        if (process.pid <= 0 || !read_stat(process.pid, &process.parent, NULL))
            continue;
        if (count == capacity) {
            size_t larger = capacity == 0 ? 1024 : capacity * 2;
            void *memory = realloc(processes, larger * sizeof *processes);
            if (memory == NULL)
                break;
            processes = memory;
            capacity = larger;
        }
        processes[count++] = process;
    }
    closedir(proc);
    qsort(processes, count, sizeof *processes, by_pid);
    *table = processes;
    return count;
}

int signal_tree(int signal_number)
{
    struct process *table;
    size_t count = read_processes(&table);

    /* Parents mostly come before their children, so that one round finds nearly all. */
    for (bool found = true; found;) {
        found = false;
        for (size_t index = 0; index < count; index++) {
            if (table[index].ours)
                continue;
            struct process key = { .pid = table[index].parent };
            const struct process *parent = bsearch(&key, table, count, sizeof *table, by_pid);
            if (key.pid == getpid() || (parent != NULL && parent->ours))
                table[index].ours = found = true;
        }
    }

    int signalled = 0;
    for (size_t index = 0; index < count; index++)
        if (table[index].ours && kill(table[index].pid, signal_number) == 0) {
            signalled++;
            if (signal_number == SIGTERM)
                kill(table[index].pid, SIGCONT);   /* a stopped process could not react */
        }
    return signalled;
}
