/* What the disk allows: fsyncbench DIR SECONDS [WRITERS [BYTES]]
 *
 * Appends to a scratch file in DIR, first one record after another with fdatasync after each, then by group commit:
 * WRITERS threads wait for their record to be durable while one thread writes all that is queued at once and flushes
 * it with one fdatasync. This is the limit for any server that acknowledges after the flush. Prints one line each.
 * Build: cc -O2 -pthread -o fsyncbench fsyncbench.c */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { maxWriters = 1024, maxSamples = 1 << 20, maxFileBytes = 1 << 30 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *what) {
    fprintf(stderr, "fsyncbench: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Waiting times in seconds; when full, the oldest are overwritten. */
static double samples[maxSamples];
static long sampleCount;

static void addSample(double seconds) { samples[sampleCount++ % maxSamples] = seconds; }

static int byValue(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *name, long bytes, double seconds) {
    long kept = sampleCount < maxSamples ? sampleCount : maxSamples;
    if (kept == 0) { printf("%s: nothing was written\n", name); return; }
    qsort(samples, (size_t)kept, sizeof samples[0], byValue);
    printf("%s: acks_per_s=%.0f mb_per_s=%.1f p50_ms=%.3f p99_ms=%.3f\n", name, (double)sampleCount / seconds,
           (double)sampleCount * (double)bytes / seconds / 1e6, samples[kept / 2] * 1e3,
           samples[(long)((double)kept * 0.99)] * 1e3);
    sampleCount = 0;
}

static void writeAll(int file, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(file, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("write");
        bytes += written;
        count -= (size_t)written;
    }
}

static int openScratch(const char *path) {
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) fail(path);
    return file;
}

/* Starts the file anew before it fills the disk; outside of what is timed. */
static void keepSmall(int file) {
    off_t size = lseek(file, 0, SEEK_END);
    if (size > maxFileBytes && ftruncate(file, 0) != 0) fail("ftruncate");
}

static void oneByOne(int file, const char *record, long bytes, double limit) {
    double begin = now(), before = begin, after = begin;
    while (after - begin < limit) {
        before = now();
        writeAll(file, record, (size_t)bytes);
        if (fdatasync(file) != 0) fail("fdatasync");
        after = now();
        addSample(after - before);
        keepSmall(file);
    }
    report("one writer", bytes, after - begin);
}

static struct {
    pthread_mutex_t lock;
    pthread_cond_t queuedRecord, flushed;
    long queued;    /* records that wait for the next flush */
    long round;     /* the flush that will take what is queued now */
    long durable;   /* flushes that are done */
    bool stopping;
} commit = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, 0, false};

static void *writer(void *unused) {
    (void)unused;
    pthread_mutex_lock(&commit.lock);
    while (!commit.stopping) {
        double before = now();
        long round = commit.round;
        commit.queued += 1;
        pthread_cond_signal(&commit.queuedRecord);
        while (commit.durable <= round && !commit.stopping) pthread_cond_wait(&commit.flushed, &commit.lock);
        if (commit.durable > round) addSample(now() - before);
    }
    pthread_mutex_unlock(&commit.lock);
    return NULL;
}

static void byGroupCommit(int file, const char *records, long bytes, int writers, double limit) {
    pthread_t threads[maxWriters];
    for (int i = 0; i < writers; i++)
        if (pthread_create(&threads[i], NULL, writer, NULL) != 0) fail("pthread_create");
    double begin = now();
    long flushes = 0, total = 0;
    while (now() - begin < limit) {
        pthread_mutex_lock(&commit.lock);
        while (commit.queued == 0) pthread_cond_wait(&commit.queuedRecord, &commit.lock);
        long taken = commit.queued;
        commit.queued = 0;
        commit.round += 1;
        pthread_mutex_unlock(&commit.lock);
        writeAll(file, records, (size_t)(taken * bytes));
        if (fdatasync(file) != 0) fail("fdatasync");
        keepSmall(file);
        flushes += 1;
        total += taken;
        pthread_mutex_lock(&commit.lock);
        commit.durable += 1;
        pthread_cond_broadcast(&commit.flushed);
        pthread_mutex_unlock(&commit.lock);
    }
    double seconds = now() - begin;
    pthread_mutex_lock(&commit.lock);
    commit.stopping = true;
    pthread_cond_broadcast(&commit.flushed);
    pthread_mutex_unlock(&commit.lock);
    for (int i = 0; i < writers; i++) pthread_join(threads[i], NULL);
    char name[96];
    snprintf(name, sizeof name, "group commit, %d writers, %.1f records a flush", writers,
             (double)total / (double)(flushes > 0 ? flushes : 1));
    report(name, bytes, seconds);
}

int main(int count, char **arguments) {
    double limit = count > 2 ? atof(arguments[2]) : 0;
    int writers = count > 3 ? atoi(arguments[3]) : 64;
    long bytes = count > 4 ? atol(arguments[4]) : 700;
    if (count < 3 || limit <= 0 || limit > 60 || writers < 1 || writers > maxWriters || bytes < 1 || bytes > 1 << 20) {
        fprintf(stderr, "usage: fsyncbench DIR SECONDS [WRITERS [BYTES]]  (60 s, %d writers, 1 MiB at most)\n",
                maxWriters);
        return 2;
    }
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/fsyncbench.scratch", arguments[1]);
    char *records = malloc((size_t)bytes * (size_t)writers);
    if (records == NULL) fail("malloc");
    memset(records, 'x', (size_t)bytes * (size_t)writers);
    int file = openScratch(path);
    oneByOne(file, records, bytes, limit);
    if (ftruncate(file, 0) != 0) fail("ftruncate");
    byGroupCommit(file, records, bytes, writers, limit);
    close(file);
    unlink(path);
    return 0;
}
