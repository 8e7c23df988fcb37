/* wsload: a WebSocket load client that costs less than the servers it measures.
 *
 * Opens N WebSocket connections to a server on this machine, optionally sends each one a first
 * message, then POSTs M messages over HTTP (or waits for someone else to publish) and counts what
 * arrives.  One thread, epoll, no dependencies:   cc -O2 -o wsload wsload.c
 *
 *   --ws HOST:PORT/PATH     where to connect; {i} is the connection's number
 *   --header 'K: V'         added to the WebSocket handshake ({i} too); repeatable
 *   --hello TEXT            sent as a text frame once the handshake is done ({i} too); repeatable
 *   --ready TEXT            a connection is ready when a frame holds TEXT (default: at handshake)
 *   --lines FILE            {line} in header, hello or path is line number {i} of FILE (tokens, say)
 *   --conns N               connections (default 1000)
 *   --burst B               handshakes in flight at once (default 200)
 *   --post HOST:PORT/PATH   publish by HTTP POST; --post-header 'K: V', --body TEXT
 *                           {i} in path or body: a target's number, {t}: nanoseconds now, {k}: message number
 *   --item TEXT             the body's {items}: this, --items times (default 1), each for the next target
 *   --targets N             how many targets there are (default: one a connection)
 *   --unheard yes           nobody hears what is published: wait for the answers only
 *   --messages M            messages to publish (default 100)
 *   --rate R                messages a second (default: as fast as --window allows)
 *   --window W              POSTs in flight at once (default 1)
 *   --target broadcast|each each POST reaches every connection, or only connection {i} (default broadcast)
 *   --mark TEXT             what stands right before the digits of {t} in a frame (default "t\":)
 *   --pid PID               a server whose CPU and memory are reported, with its child processes; repeatable
 *   --beside PID            a database or broker it uses: only its CPU is reported, apart and one by one; repeatable
 *   --settle S              seconds to idle after connecting, before memory is read (default 1)
 *   --timeout S             give up so long after the last frame (default 10)
 *   --ack TEXT              frame to send back for every counted frame; {s} = digits after --ack-mark
 *   --ack-mark TEXT         what stands right before the digits that {s} stands for
 *   --first N               number of the first connection, for {i} and {line} (default 0)
 *   --ping TEXT             a whole frame that asks for an answer, which is --pong TEXT
 *   --warm M                the latency of the first M messages is not counted
 *   --deaf yes              read nothing once ready, and keep a small receive buffer
 *   --hold S                after the run, keep the connections open S seconds
 *
 *   --resume TEXT           after the run: cut all connections, print the JSON, wait for a line on stdin, open all
 *                           again and send each TEXT instead of the hellos; {cursor} is what last followed --cursor
 *   --cursor TEXT           what stands right before a cursor, which ends at a quote
 *   --spread S              open them within S seconds (default 1); one that is refused is opened again 0.5 s later
 *   --missed M              messages that each connection must then get
 *
 * Prints one JSON object, and one more after a resume.  Latency: from {t} to the frame's arrival, CLOCK_MONOTONIC, this machine only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTING, UPGRADING, OPEN, READY, DEAD };
struct conn { int fd, state; unsigned got; char *in; size_t n, cap; long expect; char cursor[48]; uint64_t again; };
struct addr { struct sockaddr_in sa; char host[128]; char path[512]; };

static struct addr ws, post;
static char **lines; static long n_lines;
static char *headers[32], *hellos[8], *post_headers[32], *body = "", *ready_text, *mark = "t\":", *ack, *ack_mark;
static char *ping, *pong, *resume, *cursor_mark; static int deaf, resuming, retried; static long first_i, missed, warm;
static int n_headers, n_hellos, n_post_headers, n_pids, pids[64], n_beside, beside[64];
static int conns = 1000, burst = 200, window = 1, each, unheard; static long messages = 100, items = 1, targets; static char *item;
static double rate, settle = 1, timeout_s = 10, hold, spread = 1;
static struct conn *c, *p;
static int ep, inflight, n_ready, failed, dead;
static long received, posted, post_ok, post_bad, expected; static uint64_t last_ns;
static uint32_t *lat; static size_t n_lat, cap_lat;

static uint64_t now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }
static void die(const char *m) { fprintf(stderr, "wsload: %s\n", m); exit(2); }

static void parse_addr(struct addr *a, const char *s) {
    const char *colon = strchr(s, ':'), *slash = strchr(s, '/');
    if (!colon) die("an address is HOST:PORT/PATH");
    memset(&a->sa, 0, sizeof a->sa);
    a->sa.sin_family = AF_INET; a->sa.sin_port = htons(atoi(colon + 1));
    char h[64]; snprintf(h, sizeof h, "%.*s", (int)(colon - s), s);
    if (!strcmp(h, "localhost")) strcpy(h, "127.0.0.1");
    if (inet_pton(AF_INET, h, &a->sa.sin_addr) != 1) die("host must be an IPv4 address");
    if ((ntohl(a->sa.sin_addr.s_addr) >> 24) != 127) die("only loopback addresses are load-tested");
    snprintf(a->host, sizeof a->host, "%.*s", slash ? (int)(slash - s) : (int)strlen(s), s);
    snprintf(a->path, sizeof a->path, "%s", slash ? slash : "/");
}

static size_t fill(char *out, size_t cap, const char *t, long i, long k, const char *s, size_t ns) {
    size_t n = 0;
    for (; *t && n + 32 + ns < cap; ) {
        if (!strncmp(t, "{i}", 3)) { n += sprintf(out + n, "%ld", i + first_i); t += 3; }
        else if (!strncmp(t, "{k}", 3)) { n += sprintf(out + n, "%ld", k); t += 3; }
        else if (!strncmp(t, "{t}", 3)) { n += sprintf(out + n, "%llu", (unsigned long long)now_ns()); t += 3; }
        else if (n_lines && !strncmp(t, "{line}", 6)) { const char *l = lines[(i + first_i) % n_lines]; size_t len = strlen(l);
            if (n + len + 32 >= cap) die("a line is too long");
            memcpy(out + n, l, len); n += len; t += 6; }
        else if (s && !strncmp(t, "{s}", 3)) { memcpy(out + n, s, ns); n += ns; t += 3; }
        else if (resuming && !strncmp(t, "{cursor}", 8)) { n += sprintf(out + n, "%s", c[i].cursor); t += 8; }
        else out[n++] = *t++;
    }
    out[n] = 0; return n;
}

static void read_lines(const char *file) {
    FILE *f = fopen(file, "r"); char *l = NULL; size_t cap = 0; ssize_t n;
    if (!f) die("--lines: cannot read the file");
    while ((n = getline(&l, &cap, f)) > 0) { if (l[n - 1] == '\n') l[n - 1] = 0;
        lines = realloc(lines, (n_lines + 1) * sizeof *lines); lines[n_lines++] = strdup(l); }
    free(l); fclose(f);
}

static int open_socket(struct addr *a, long i, void *ptr) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    if (fd < 0) die("socket: out of file descriptors? (ulimit -n)");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int small = 4096;
    if (deaf) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    struct sockaddr_in src = {.sin_family = AF_INET};            /* 127.0.0.1 to .250: clients have addresses of their own */
    src.sin_addr.s_addr = htonl(0x7f000001u + (uint32_t)(i % 250));
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);  /* a port may serve several pairs */
    bind(fd, (void *)&src, sizeof src);
    if (connect(fd, (void *)&a->sa, sizeof a->sa) && errno != EINPROGRESS) { close(fd); return -1; }
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = ptr};
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
    return fd;
}

static void put(struct conn *k, const char *b, size_t n) {
    while (n) { ssize_t w = write(k->fd, b, n);
        if (w < 0) { if (errno == EAGAIN) { usleep(50); continue; } return; }
        b += w; n -= w; }
}

static void send_frame(struct conn *k, int op, const char *b, size_t n) {
    unsigned char f[8192]; size_t h = 2; f[0] = 0x80 | op;
    if (n > 8000) die("frame too large");
    if (n < 126) f[1] = 0x80 | n; else { f[1] = 0x80 | 126; f[2] = n >> 8; f[3] = n; h = 4; }
    memset(f + h, 0, 4); h += 4; memcpy(f + h, b, n);               /* a zero mask is a valid mask */
    put(k, (char *)f, h + n);
}

static void drop(struct conn *k) {
    if (k->state == DEAD) return;
    if (resuming) { k->again = now_ns() + 500000000; retried++; if (k->state == READY) n_ready--; }
    else if (k->state < READY) { inflight--; failed++; } else dead++;
    close(k->fd); k->state = DEAD;
}
static void made_ready(struct conn *k) {
    if (k->state == READY) return;
    k->state = READY; n_ready++; inflight--;
    if (deaf) epoll_ctl(ep, EPOLL_CTL_DEL, k->fd, NULL);
}
static void note_cursor(struct conn *k, char *b, size_t n) {            /* the last one: a frame may be a page */
    size_t len = strlen(cursor_mark);
    for (char *m = b; (m = memmem(m, b + n - m, cursor_mark, len)); ) { m += len; size_t i = 0;
        for (; m + i < b + n && m[i] != '"' && i + 1 < sizeof k->cursor; i++) k->cursor[i] = m[i];
        k->cursor[i] = 0; }
}

static void on_frame(struct conn *k, int op, char *b, size_t n, uint64_t t) {
    if (op == 9) { send_frame(k, 10, b, n < 125 ? n : 125); return; }
    if (op == 8) { drop(k); return; }
    if (ping && n == strlen(ping) && !memcmp(b, ping, n)) { send_frame(k, 1, pong, strlen(pong)); return; }
    if (cursor_mark) note_cursor(k, b, n);
    if (k->state != READY) { if (ready_text && memmem(b, n, ready_text, strlen(ready_text))) made_ready(k); return; }
    char *m = memmem(b, n, mark, strlen(mark));
    if (!m) return;
    while (m) {                                                       /* a frame may carry several messages */
        uint64_t sent = 0; char *d = m + strlen(mark);
        while (d < b + n && (*d == '"' || *d == '\\' || *d == ' ')) d++;
        for (; d < b + n && *d >= '0' && *d <= '9'; d++) sent = sent * 10 + (*d - '0');
        if (!sent) { m = memmem(d, b + n - d, mark, strlen(mark)); continue; }   /* not a time: the mark stands elsewhere too */
        last_ns = t; received++; k->got++;
        if (warm && received <= warm * n_ready) { m = memmem(d, b + n - d, mark, strlen(mark)); continue; }
        if (n_lat == cap_lat) { cap_lat = cap_lat ? cap_lat * 2 : 1 << 20; lat = realloc(lat, cap_lat * sizeof *lat); }
        lat[n_lat++] = (uint32_t)((t - sent) / 1000);
        if (ack) { char *a = memmem(b, n, ack_mark, strlen(ack_mark)), out[2048];
            if (a) { a += strlen(ack_mark); size_t len = strspn(a, "0123456789abcdefABCDEF-");
                size_t w = fill(out, sizeof out, ack, k - c, 0, a, len); send_frame(k, 1, out, w); } }
        m = memmem(d, b + n - d, mark, strlen(mark));
    }
}

static void on_ws(struct conn *k, uint32_t events) {
    char buf[16384];
    if (k->state == CONNECTING && (events & EPOLLOUT)) {
        int n = 0; char out[512];
        fill(out, sizeof out, ws.path, k - c, 0, 0, 0);
        n = snprintf(buf, sizeof buf, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n", out, ws.host);
        for (int i = 0; i < n_headers; i++) { char h[4096]; fill(h, sizeof h, headers[i], k - c, 0, 0, 0); n += snprintf(buf + n, sizeof buf - n, "%s\r\n", h); }
        n += snprintf(buf + n, sizeof buf - n, "\r\n");
        k->state = UPGRADING; put(k, buf, n);
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
    for (;;) {
        static char rd[1 << 18];
        ssize_t r = read(k->fd, rd, sizeof rd);
        if (r < 0 && errno == EAGAIN) return;
        if (r <= 0) { drop(k); return; }
        uint64_t t = now_ns();
        char *b = rd; size_t n = r;
        if (k->n) {                                                   /* something was left over */
            if (k->n + r > k->cap) { k->cap = (k->n + r) * 2; k->in = realloc(k->in, k->cap); }
            memcpy(k->in + k->n, rd, r); k->n += r; b = k->in; n = k->n;
        }
        if (k->state == UPGRADING) {
            char *end = memmem(b, n, "\r\n\r\n", 4);
            if (end) {
                if (memcmp(b + 9, "101", 3)) { if (failed < 3) fprintf(stderr, "wsload: %.200s\n", b); drop(k); return; }
                n -= end + 4 - b; b = end + 4; k->state = OPEN;
                for (int i = 0; i < (resuming ? 1 : n_hellos); i++) { char out[4096];
                    size_t w = fill(out, sizeof out, resuming ? resume : hellos[i], k - c, 0, 0, 0); send_frame(k, 1, out, w); }
                if (!ready_text) made_ready(k);
            }
        }
        while (k->state >= OPEN && k->state != DEAD && n >= 2) {
            unsigned char *f = (unsigned char *)b; size_t len = f[1] & 127, h = 2;
            if (len == 126) { if (n < 4) break; len = f[2] << 8 | f[3]; h = 4; }
            else if (len == 127) { if (n < 10) break; len = 0; for (int i = 2; i < 10; i++) len = len << 8 | f[i]; h = 10; }
            if (n < h + len) break;
            on_frame(k, f[0] & 15, b + h, len, t);
            b += h + len; n -= h + len;
        }
        if (k->state == DEAD) return;
        if (n) { if (n > k->cap) { k->cap = n * 2; char *q = malloc(k->cap); memcpy(q, b, n); free(k->in); k->in = q; } else memmove(k->in, b, n); }
        k->n = n;
    }
}

static void send_post(struct conn *k) {
    static char b[1 << 20], out[(1 << 20) + 16384]; char path[1024]; long target = each ? posted * items % targets : 0; size_t bn;
    fill(path, sizeof path, post.path, target, posted, 0, 0);
    char *at = item ? strstr(body, "{items}") : NULL;
    if (!at) bn = fill(b, sizeof b, body, target, posted, 0, 0);
    else { bn = at - body; memcpy(b, body, bn);
        for (long j = 0; j < items; j++) { if (j) b[bn++] = ','; bn += fill(b + bn, sizeof b - bn, item, (posted * items + j) % targets, posted, 0, 0); }
        strcpy(b + bn, at + 7); bn += strlen(at + 7); }
    int n = snprintf(out, sizeof out, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %zu\r\n", path, post.host, bn);
    for (int i = 0; i < n_post_headers; i++) { char h[4096]; fill(h, sizeof h, post_headers[i], target, posted, 0, 0); n += snprintf(out + n, sizeof out - n, "%s\r\n", h); }
    n += snprintf(out + n, sizeof out - n, "\r\n%s", b);
    posted++; k->state = READY; k->n = 0; k->expect = -1; put(k, out, n);
}

static void on_post(struct conn *k, uint32_t events) {                 /* state READY: an answer is awaited */
    if (k->state == CONNECTING && (events & EPOLLOUT)) k->state = OPEN;
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
    for (;;) {
        if (k->cap < k->n + 65536) { k->cap = k->n + 131072; k->in = realloc(k->in, k->cap); }
        ssize_t r = read(k->fd, k->in + k->n, k->cap - k->n - 1);
        if (r < 0 && errno == EAGAIN) return;
        if (r <= 0) { close(k->fd); k->state = CONNECTING; post_bad += k->expect != 0; k->n = 0; k->expect = 0; k->fd = open_socket(&post, 0, k); return; }
        k->n += r; k->in[k->n] = 0;
        if (k->state != READY) { k->n = 0; continue; }
        char *end = strstr(k->in, "\r\n\r\n");
        if (!end) continue;
        if (k->expect < 0) { char *cl = strcasestr(k->in, "content-length:");
            k->expect = (end + 4 - k->in) + (cl && cl < end ? atol(cl + 15) : 0);
            if (!(cl && cl < end) && strcasestr(k->in, "transfer-encoding: chunked")) k->expect = -2; }
        if (k->expect == -2 ? !!strstr(end, "\r\n0\r\n\r\n") || !strncmp(end + 4, "0\r\n\r\n", 5) : (long)k->n >= k->expect) {
            if (unheard) last_ns = now_ns();
            if (k->in[9] == '2' && strncmp(k->in + 9, "207", 3)) post_ok++; else { if (post_bad++ < 3) fprintf(stderr, "wsload: POST answered %.300s\n", k->in); }
            k->state = OPEN; k->n = 0; k->expect = 0;
        }
    }
}

static void pump(int ms) {
    struct epoll_event ev[512]; int n = epoll_wait(ep, ev, 512, ms);
    for (int i = 0; i < n; i++) { struct conn *k = ev[i].data.ptr;
        if (k >= p && k < p + window) on_post(k, ev[i].events); else if (k->state != DEAD) on_ws(k, ev[i].events); }
}

struct process { int pid, parent; double cpu; };
static int read_processes(struct process *out, int cap) {
    DIR *d = opendir("/proc"); struct dirent *e; int n = 0;
    while (d && (e = readdir(d)) && n < cap) { char f[300], b[1024] = ""; int pid = atoi(e->d_name);
        if (!pid) continue;
        snprintf(f, sizeof f, "/proc/%d/stat", pid);
        FILE *s = fopen(f, "r"); if (!s) continue; if (!fread(b, 1, sizeof b - 1, s)) {} fclose(s);
        unsigned long u = 0, sy = 0; int parent = 0; char *q = strrchr(b, ')');
        if (!q || sscanf(q + 2, "%*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &parent, &u, &sy) != 3) continue;
        out[n++] = (struct process){pid, parent, (double)(u + sy) / sysconf(_SC_CLK_TCK)}; }
    if (d) closedir(d);
    return n;
}
static int below(struct process *all, int n, int pid, int *roots, int n_roots) {   /* one of the roots, or a descendant */
    for (int depth = 0; depth < 16 && pid > 1; depth++) {
        for (int i = 0; i < n_roots; i++) if (roots[i] == pid) return 1;
        int i = 0; while (i < n && all[i].pid != pid) i++;
        pid = i < n ? all[i].parent : 0; }
    return 0;
}
static double cpu_seconds(int *roots, int n_roots) {
    static struct process all[8192]; int n = n_roots ? read_processes(all, 8192) : 0; double sum = 0;
    for (int i = 0; i < n; i++) if (below(all, n, all[i].pid, roots, n_roots)) sum += all[i].cpu;
    return sum;
}
static long rss_kb(void) {                                             /* proportional: what is shared counts once */
    static struct process all[8192]; int n = n_pids ? read_processes(all, 8192) : 0; long sum = 0, v;
    for (int i = 0; i < n; i++) if (below(all, n, all[i].pid, pids, n_pids)) { char f[64], l[256];
        snprintf(f, sizeof f, "/proc/%d/smaps_rollup", all[i].pid);
        FILE *s = fopen(f, "r"); if (!s) continue; while (fgets(l, sizeof l, s)) if (sscanf(l, "Pss: %ld", &v) == 1) sum += v; fclose(s); }
    return sum;
}
static int by_value(const void *a, const void *b) { uint32_t x = *(uint32_t *)a, y = *(uint32_t *)b; return (x > y) - (x < y); }
static double pct(double q) { return n_lat ? lat[(size_t)(q * (n_lat - 1))] / 1000.0 : 0; }

static void cut_and_resume(void) {
    struct linger now = {1, 0}; char line[64]; long twice = 0, lost = 0;
    for (int i = 0; i < conns; i++) { setsockopt(c[i].fd, SOL_SOCKET, SO_LINGER, &now, sizeof now); if (c[i].state != DEAD) close(c[i].fd);
        c[i].state = DEAD; c[i].again = 0; c[i].n = 0; c[i].got = 0; }
    resuming = 1; n_ready = 0; received = 0; n_lat = 0;
    puts("{\"cut\": true}"); fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) return;
    uint64_t start = now_ns(), last = start, ready_ns = 0; double cpu0 = cpu_seconds(pids, n_pids);
    for (int i = 0; i < conns; i++) c[i].again = start + (uint64_t)(spread * 1e9 * i / conns);
    for (long seen = -1; n_ready < conns || received < missed * conns; ) {
        uint64_t now = now_ns();
        for (int i = 0; i < conns; i++) if (c[i].state == DEAD && c[i].again <= now) { c[i].n = 0; c[i].state = CONNECTING;
            if ((c[i].fd = open_socket(&ws, i, &c[i])) < 0) { c[i].state = DEAD; c[i].again = now + 500000000; retried++; } }
        pump(5);
        if (n_ready == conns && !ready_ns) ready_ns = now_ns();
        if (received + n_ready != seen) { seen = received + n_ready; last = now_ns(); }
        if (now_ns() - last > timeout_s * 1e9) break;
    }
    for (uint64_t end = now_ns() + 1000000000; now_ns() < end;) pump(50);     /* what comes twice comes now */
    for (int i = 0; i < conns; i++) { if (c[i].got < missed) lost += missed - c[i].got; else twice += c[i].got - missed; }
    printf("{\"resumed\": %d, \"retried\": %d, \"welcomed_s\": %.3f, \"seconds\": %.3f, \"received\": %ld, \"lost\": %ld, \"twice\": %ld,"
        " \"cpu_us_per_resume\": %.1f}\n", n_ready, retried, ready_ns ? (ready_ns - start) / 1e9 : 0, last_ns > start ? (last_ns - start) / 1e9 : 0,
        received, lost, twice, (cpu_seconds(pids, n_pids) - cpu0) * 1e6 / conns);
    fflush(stdout);
}

int main(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) { char *o = argv[i], *v = argv[i + 1];
#define IS(x) !strcmp(o, x)
        if (IS("--ws")) parse_addr(&ws, v); else if (IS("--post")) parse_addr(&post, v);
        else if (IS("--header")) headers[n_headers++] = v; else if (IS("--post-header")) post_headers[n_post_headers++] = v;
        else if (IS("--hello")) hellos[n_hellos++] = v; else if (IS("--ready")) ready_text = v;
        else if (IS("--lines")) read_lines(v); else if (IS("--conns")) conns = atoi(v); else if (IS("--burst")) burst = atoi(v);
        else if (IS("--body")) body = v; else if (IS("--messages")) messages = atol(v);
        else if (IS("--rate")) rate = atof(v); else if (IS("--window")) window = atoi(v);
        else if (IS("--target")) each = !strcmp(v, "each"); else if (IS("--mark")) mark = v;
        else if (IS("--pid")) pids[n_pids++] = atoi(v); else if (IS("--settle")) settle = atof(v);
        else if (IS("--timeout")) timeout_s = atof(v); else if (IS("--ack")) ack = v; else if (IS("--ack-mark")) ack_mark = v;
        else if (IS("--hold")) hold = atof(v); else if (IS("--beside")) beside[n_beside++] = atoi(v);
        else if (IS("--first")) first_i = atol(v); else if (IS("--deaf")) deaf = 1; else if (IS("--warm")) warm = atol(v);
        else if (IS("--item")) item = v; else if (IS("--items")) items = atol(v);
        else if (IS("--targets")) targets = atol(v); else if (IS("--unheard")) unheard = 1;
        else if (IS("--ping")) ping = v; else if (IS("--pong")) pong = v;
        else if (IS("--resume")) resume = v; else if (IS("--cursor")) cursor_mark = v;
        else if (IS("--spread")) spread = atof(v); else if (IS("--missed")) missed = atol(v); else die("unknown option; see the top of wsload.c"); }
    if (!ws.path[0]) die("--ws is needed");
    if (!targets) targets = conns;
    if ((ping && !pong) || (ack && !ack_mark)) die("--ping needs --pong, --ack needs --ack-mark");
    struct rlimit rl; getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl);
    ep = epoll_create1(0); c = calloc(conns, sizeof *c); p = calloc(window, sizeof *p);
    long rss0 = rss_kb(); double cpu0 = cpu_seconds(pids, n_pids); uint64_t t0 = now_ns(), last = t0; int next = 0, seen = 0;
    while (n_ready + failed < conns) {
        while (next < conns && inflight < burst) { struct conn *k = &c[next]; k->fd = open_socket(&ws, next, k); next++; inflight++;
            if (k->fd < 0) { k->state = DEAD; failed++; inflight--; } }
        pump(100);
        if (n_ready + failed != seen) { seen = n_ready + failed; last = now_ns(); }
        if (now_ns() - last > timeout_s * 1e9) { fprintf(stderr, "wsload: %d of %d connections never became ready\n", conns - n_ready - failed, conns); break; }
    }
    double connect_s = (now_ns() - t0) / 1e9, cpu1 = cpu_seconds(pids, n_pids);
    for (uint64_t end = now_ns() + settle * 1e9; now_ns() < end;) pump(50);
    long rss1 = rss_kb(); cpu1 = cpu_seconds(pids, n_pids); double beside1 = cpu_seconds(beside, n_beside);
    uint64_t start = now_ns(); long last_received = -1; int connected = n_ready;
    if (post.path[0]) for (int i = 0; i < window; i++) p[i].fd = open_socket(&post, 0, &p[i]);
    else post_ok = messages;
    expected = unheard ? 0 : messages * (each ? items : connected);
    double each1[64]; for (int i = 0; i < n_beside; i++) each1[i] = cpu_seconds(&beside[i], 1);
    last = now_ns();
    while (received < expected || (post.path[0] && post_ok + post_bad < messages)) {
        if (post.path[0]) for (int i = 0; i < window && posted < messages; i++) {
            if (rate > 0 && posted >= (now_ns() - start) / 1e9 * rate) break;
            if (p[i].state == OPEN) send_post(&p[i]); }
        pump(rate > 0 ? 1 : 20);
        if (received + post_ok != last_received) { last_received = received + post_ok; last = now_ns(); }
        if (now_ns() - last > timeout_s * 1e9) break;
    }
    double cpu2 = cpu_seconds(pids, n_pids), beside2 = cpu_seconds(beside, n_beside), beside_each[64], wall = last_ns > start ? (last_ns - start) / 1e9 : 0; long rss2 = rss_kb();
    for (int i = 0; i < n_beside; i++) beside_each[i] = cpu_seconds(&beside[i], 1);
    long done = unheard ? post_ok * items : received;
    if (n_lat) qsort(lat, n_lat, sizeof *lat, by_value);
    printf("{\"connections\": %d, \"connect_failed\": %d, \"dropped\": %d, \"connects_per_s\": %.0f, \"connect_cpu_us\": %.1f, \"kib_per_connection\": %.2f,"
        " \"published\": %ld, \"publish_refused\": %ld, \"delivered\": %ld, \"missing\": %ld, \"seconds\": %.3f, \"deliveries_per_s\": %.0f,"
        " \"cpu_us_per_delivery\": %.2f, \"beside_cpu_us_per_delivery\": %.2f, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"p999_ms\": %.2f, \"max_ms\": %.2f, \"peak_mib\": %.1f, \"beside_each_us\": [",
        connected, failed, dead, connected / connect_s, connected ? (cpu1 - cpu0) * 1e6 / connected : 0, connected ? (double)(rss1 - rss0) / connected : 0,
        post_ok, post_bad, done, expected ? expected - received : 0, wall, wall > 0 ? done / wall : 0,
        done ? (cpu2 - cpu1) * 1e6 / done : 0, done ? (beside2 - beside1) * 1e6 / done : 0, pct(.5), pct(.99), pct(.999), n_lat ? lat[n_lat - 1] / 1000.0 : 0, rss2 / 1024.0);
    for (int i = 0; i < n_beside; i++) printf("%s%.2f", i ? ", " : "", done ? (beside_each[i] - each1[i]) * 1e6 / done : 0);
    puts("]}");
    fflush(stdout);
    for (uint64_t end = now_ns() + hold * 1e9; now_ns() < end;) pump(50);
    if (resume) cut_and_resume();
    return received < expected || failed || dead ? 1 : 0;
}
