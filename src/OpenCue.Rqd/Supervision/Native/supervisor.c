/*
 * rqd-supervisor RUN-FILE: runs one frame and outlives the agent that started it.
 *
 * It is C because between fork and exec a process may do nothing but system calls, which a managed runtime cannot promise;
 * and because there is one for every running frame, so that its start (about a millisecond) and its memory (less than a MiB) count.
 * All that needs thought is done by the agent before: the run file says what to run, as whom and how, in plain strings.
 *
 * SIGTERM orders the frame to die: SIGTERM to all its processes, a grace period, then SIGKILL. The supervisor is the subreaper of
 * everything the frame starts, so a process that leaves its session, or whose parent ends, still cannot leave the tree.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "frame_log.h"
#include "process_tree.h"
#include "run_file.h"

/* How long processes that stay behind after SIGKILL (hung in the kernel) may hold up the end of a frame whose main process is gone. */
enum { GIVE_UP_MS = 30000, AGAIN_MS = 50 };

static void close_inherited_files(void)
{
    DIR *files = opendir("/proc/self/fd");
    if (files == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(files)) != NULL;) {
        int file = atoi(entry->d_name);
        if (file > 2 && file != dirfd(files))
            close(file);
    }
    closedir(files);
}

/* In the child, between fork and exec. What fails is written to the pipe, which exec closes when all went well. */
static void become_frame(int go, int problem)
{
    const char *step;
    pid_t supervisor = getppid();
    char token;
    if (read(go, &token, 1) != 1)
        _exit(1);   /* the supervisor died before it could note that the frame starts */

    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();

    struct rlimit limit;
    if (launch.open_files != 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = launch.open_files < limit.rlim_max ? launch.open_files : limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0;   /* the core dump of a renderer would fill the disk */
        setrlimit(RLIMIT_CORE, &limit);
    }

    step = "cannot pin it to its processors";
    if (launch.pin && sched_setaffinity(0, sizeof launch.cpus, &launch.cpus) != 0)
        goto failed;
    step = "cannot set its priority";
    if (launch.nice != 0 && setpriority(PRIO_PROCESS, 0, launch.nice) != 0)
        goto failed;
    step = "cannot switch to the job's user";
    if (launch.become && (setgroups(launch.group_count, launch.groups) != 0
            || setresgid(launch.gid, launch.gid, launch.gid) != 0
            || setresuid(launch.uid, launch.uid, launch.uid) != 0))
        goto failed;
    umask(launch.umask);

    /* Nobody could tell how a frame without its supervisor ended. Has to come after the change of user, which clears it. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != supervisor)
        _exit(1);

    step = launch.directory;
    if (chdir(launch.directory) != 0)
        goto failed;
    step = "cannot connect it to its log";
    if (dup2(log_file, STDOUT_FILENO) < 0 || dup2(log_file, STDERR_FILENO) < 0)
        goto failed;

    step = launch.shell;
    char *name = strrchr(launch.shell, '/');
    char *arguments[] = { name == NULL ? launch.shell : name + 1, "-c", launch.command, NULL };
    execve(launch.shell, arguments, launch.environment);
failed:
    dprintf(problem, "%d %s", errno, step);
    _exit(1);
}

static pid_t start_frame(void)
{
    int go[2], problem[2];
    if (pipe2(go, O_CLOEXEC) != 0 || pipe2(problem, O_CLOEXEC) != 0)
        fail(errno, "cannot make a pipe");

    pid_t frame = fork();
    if (frame < 0)
        fail(errno, "cannot fork");
    if (frame == 0) {
        close(go[1]);
        become_frame(go[0], problem[1]);
    }
    close(go[0]);
    close(problem[1]);

    char text[SLOT];
    snprintf(text, sizeof text, "%d %llu %d %llu %lld", (int)getpid(), start_tick_of(getpid()), (int)frame, start_tick_of(frame),
        (long long)clock_ms(CLOCK_REALTIME));
    write_slot(STARTED, text);
    if (write(go[1], "", 1) != 1)
        fail(errno, "cannot start the frame");
    close(go[1]);

    ssize_t length;
    while ((length = read(problem[0], text, sizeof text - 1)) < 0 && errno == EINTR)
        ;
    close(problem[0]);
    if (length > 0) {
        text[length] = 0;
        char *step = strchr(text, ' ');
        waitpid(frame, NULL, 0);
        fail(atoi(text), "%s", step == NULL ? text : step + 1);
    }
    return frame;
}

static void supervise(pid_t frame, const sigset_t *signals)
{
    int64_t started = clock_ms(CLOCK_BOOTTIME), run_ms = 0, kill_at = 0, give_up_at = 0;
    bool ended = false, stopping = false;
    int left_behind = 0;
    char how[128] = "";
    struct rusage usage = { 0 };

    for (;;) {
        int status;
        pid_t gone;
        while ((gone = waitpid(-1, &status, WNOHANG)) > 0) {
            if (gone != frame)
                continue;
            ended = true;
            run_ms = clock_ms(CLOCK_BOOTTIME) - started;
            if (WIFSIGNALED(status)) {
                write_ended("signal", WTERMSIG(status), run_ms, "");
                snprintf(how, sizeof how, "killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
            } else {
                write_ended("exit", WEXITSTATUS(status), run_ms, "");
                snprintf(how, sizeof how, "exit status %d", WEXITSTATUS(status));
            }
            getrusage(RUSAGE_CHILDREN, &usage);
        }
        if (gone < 0 && errno == ECHILD)
            break;

        int64_t now = clock_ms(CLOCK_BOOTTIME);
        if (ended && !stopping)
            left_behind = signal_tree(SIGTERM);   /* they would hold memory and cores that are offered again */
        if (ended && !stopping) {
            stopping = true;
            kill_at = now + launch.grace_ms;
        }
        if (stopping && now >= kill_at) {
            signal_tree(SIGKILL);
            if (give_up_at == 0)
                give_up_at = now + GIVE_UP_MS;
            /* A process hung in the kernel runs no more code after SIGKILL; only the main one's status is worth waiting for. */
            if (ended && now >= give_up_at)
                break;
        }

        int64_t wait_ms = !stopping ? 3600000 : now < kill_at ? kill_at - now : AGAIN_MS;
        struct timespec timeout = { .tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000 };
        if (sigtimedwait(signals, NULL, &timeout) == SIGTERM && !stopping) {
            stopping = true;
            kill_at = clock_ms(CLOCK_BOOTTIME) + launch.grace_ms;
            signal_tree(SIGTERM);
        }
    }
    write_footer(how, run_ms, &usage, left_behind);
}

int main(int count, char **arguments)
{
    if (count != 2)
        give_up("usage: rqd-supervisor RUN-FILE (it is started by rqd)");
    umask(0);
    close_inherited_files();
    open_run(arguments[1]);

    /* From here on nothing ties it to the agent: not the terminal, not its files, not its signals. */
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
        fail(errno, "cannot open /dev/null");
    if (null > 2)
        close(null);
    if (chdir("/") != 0)
        fail(errno, "cannot change to /");

    sigset_t signals, all;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);

    open_log();
    char reason[SLOT];
    if (read_slot(KILL, reason)) {
        write_ended("signal", SIGTERM, 0, "killed before it was started");
        write_log("\nKilled before it was started: ");
        write_log(reason);
        write_log("\n");
        return 0;
    }
    supervise(start_frame(), &signals);
    return 0;
}
