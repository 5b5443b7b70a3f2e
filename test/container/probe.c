// Attempts from inside a container what its settings should block, each attempt in its own process, and prints a line
// of JSON for each: {"name":"mount_tmpfs","state":"blocked","error":"EPERM"}. promises.ts has the expected results. No
// attempt changes the machine, even if it succeeds in a privileged container: dangerous system calls get arguments
// that the kernel refuses only after its check of the privilege.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/fanotify.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/vm_sockets.h>
#include <mqueue.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

// The process of the service: PID 1, or its child when an init process runs it.
static pid_t service(void) {
  pid_t child = 1;
  FILE *file = fopen("/proc/1/task/1/children", "r");
  if (file != NULL) {
    if (fscanf(file, "%d", &child) != 1) child = 1;
    fclose(file);
  }
  return child;
}

static const char *of_service(const char *name) {
  static char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", service(), name);
  return path;
}

// 0 when the kernel has passed its check of the privilege, whatever its later result.
static int checked(long result) {
  if (result >= 0) return 0;
  return errno == EPERM || errno == EACCES || errno == EROFS || errno == ENOSYS ? -1 : 0;
}

static int opens(const char *path, int flags) { return open(path, flags | O_NONBLOCK | O_CLOEXEC); }

static int creates(const char *directory) {
  char path[128];
  snprintf(path, sizeof path, "%s/probe-%d", directory, getpid());
  int file = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
  if (file >= 0) unlink(path);
  return file;
}

static int reads(const char *path) {
  char byte;
  int file = opens(path, O_RDONLY);
  return file < 0 ? -1 : read(file, &byte, 1) == 1 ? 0 : -1;
}

static int mounts(const char *type, const char *target) {
  if (mount("probe", target, type, 0, NULL) != 0) return -1;
  return umount2(target, MNT_DETACH);
}

static int binds(void) {
  if (mount("/app", "/home", NULL, MS_BIND, NULL) != 0) return -1;
  return umount2("/home", MNT_DETACH);
}

static int gains(int capability) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) != 0) return -1;
  data[0].effective |= 1u << capability;
  data[0].permitted |= 1u << capability;
  return syscall(SYS_capset, &header, data);
}

static int binds_port(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  int any = socket(AF_INET, SOCK_STREAM, 0), again = 1;
  // The web server of the scene used this port, and its connections linger.
  setsockopt(any, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
  return bind(any, (struct sockaddr *)&address, sizeof address);
}

static int sets_mtu(void) {
  struct ifreq request = {.ifr_name = "lo"};
  int any = socket(AF_INET, SOCK_DGRAM, 0);
  return ioctl(any, SIOCGIFMTU, &request) != 0 ? -1 : ioctl(any, SIOCSIFMTU, &request);
}

static int adds_route(void) {
  struct rtentry nowhere = {0};
  return checked(ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCADDRT, &nowhere));
}

static int marks(void) {
  int mark = 1;
  return setsockopt(socket(AF_INET, SOCK_STREAM, 0), SOL_SOCKET, SO_MARK, &mark, sizeof mark);
}

static int block_device(void) {
  DIR *directory = opendir("/dev");
  struct stat about;
  for (struct dirent *entry; directory && (entry = readdir(directory));) {
    if (fstatat(dirfd(directory), entry->d_name, &about, 0) == 0 && S_ISBLK(about.st_mode))
      return openat(dirfd(directory), entry->d_name, O_RDONLY | O_NONBLOCK);
  }
  errno = ENOENT;
  return -1;
}

static int makes_device(void) {
  int made = mknod("/dev/probe", S_IFCHR | 0600, makedev(1, 3));
  if (made == 0) unlink("/dev/probe");
  return made;
}

static int enters(const char *path) { return setns(opens(path, O_RDONLY), 0); }

static int ticks(void) {
  struct timex clock = {0};
  if (adjtimex(&clock) < 0) return -1;
  clock.modes = ADJ_TICK;
  return adjtimex(&clock) < 0 ? -1 : 0;
}

static int handles(void) {
  char space[sizeof(struct file_handle) + MAX_HANDLE_SZ] = {0};
  struct file_handle *handle = (struct file_handle *)space;
  handle->handle_bytes = 8;
  return checked(open_by_handle_at(opens("/", O_RDONLY), handle, O_RDONLY));
}

static int real_time(void) {
  struct sched_param param = {.sched_priority = 1};
  return sched_setscheduler(0, SCHED_FIFO, &param);
}

static int map_of_bpf(void) {
  union bpf_attr attributes = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
  return syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes);
}

static int measures_kernel(void) {
  struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof event, .config = PERF_COUNT_SW_CPU_CLOCK};
  return syscall(SYS_perf_event_open, &event, -1, 0, -1, 0);
}

static int mounts_in_own_user_namespace(void) {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return -1;
  return mount("probe", "/tmp", "tmpfs", 0, NULL);
}

static int reads_memory(void) {
  unsigned long start;
  char byte;
  FILE *maps = fopen(of_service("maps"), "r");
  if (maps == NULL || fscanf(maps, "%lx", &start) != 1) return -1;
  struct iovec here = {&byte, 1}, there = {(void *)start, 1};
  return process_vm_readv(service(), &here, 1, &there, 1, 0);
}

static int traces(void) {
  if (ptrace(PTRACE_ATTACH, service(), NULL, NULL) != 0) return -1;
  waitpid(service(), NULL, __WALL);
  return ptrace(PTRACE_DETACH, service(), NULL, NULL);
}

static int makes_queue(void) {
  int queue = mq_open("/probe", O_CREAT | O_RDWR, 0600, NULL);
  if (queue >= 0) mq_unlink("/probe");
  return queue;
}

// Whether the program starts, whatever its exit code.
static int spawns(const char *program) {
  pid_t child;
  char *arguments[] = {(char *)program, "--version", NULL};
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addclose(&quiet, 1);
  errno = posix_spawn(&child, program, &quiet, NULL, arguments, NULL);
  if (errno != 0) return -1;
  return waitpid(child, NULL, 0);
}

static int copy_of_self(int to) {
  char block[65536];
  int from = open("/proc/self/exe", O_RDONLY);
  for (ssize_t size; (size = read(from, block, sizeof block)) > 0;)
    if (write(to, block, size) != size) return -1;
  close(from);
  return 0;
}

static int executes_memory(void) {
  int file = memfd_create("probe", 0);
  if (file < 0 || copy_of_self(file) != 0) return -1;
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  return spawns(path);
}

static int executes_from_shm(void) {
  int file = open("/dev/shm/probe", O_CREAT | O_WRONLY, 0700);
  if (file < 0 || copy_of_self(file) != 0) return -1;
  close(file);
  int result = spawns("/dev/shm/probe");
  unlink("/dev/shm/probe");
  return result;
}

#if defined(__x86_64__)
#include <sys/io.h>
#define IO_PORTS iopl(3)
#else
// This architecture has no I/O ports; the memory device replaces them.
#define IO_PORTS opens("/dev/mem", O_RDONLY)
#endif

static struct io_uring_params ring;
static struct { const char *name; int (*attempt)(void); } attempts[128];
static int count;

static void report(int index) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm(5);
    errno = 0;
    _exit(attempts[index].attempt() >= 0 ? 0 : errno == 0 ? EIO : errno);
  }
  int status;
  waitpid(child, &status, 0);
  // Seccomp may kill the caller (SIGSYS). Any other signal proves nothing: the attempt itself is broken or hangs.
  const char *state = WIFSIGNALED(status) ? WTERMSIG(status) == SIGSYS ? "blocked" : "killed"
                      : WEXITSTATUS(status) == 0 ? "open" : "blocked";
  const char *error = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : strerrorname_np(WEXITSTATUS(status));
  printf("{\"name\":\"%s\",\"state\":\"%s\",\"error\":\"%s\"}\n", attempts[index].name, state,
         status == 0 ? "" : error);
}

static int writable(const char *path, const struct stat *about, int type, struct FTW *at) {
  (void)at;
  const int device = S_ISCHR(about->st_mode) || S_ISBLK(about->st_mode);
  if (type != FTW_SL && !device && access(path, W_OK) == 0) printf("{\"writable\":\"%s\"}\n", path);
  return strcmp(path, "/proc") == 0 ? FTW_SKIP_SUBTREE : FTW_CONTINUE;
}

// Touches that many MiB: a limit below it kills this process.
static int takes_memory(size_t mib) {
  volatile char *memory = malloc(mib << 20);
  if (memory == NULL) return 1;
  for (size_t at = 0; at < mib << 20; at += 4096) memory[at] = 1;
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "memory") == 0) return takes_memory(strtoul(argv[2], NULL, 10));
  if (argc == 2) return 0;
#define TRY(label, expression)                                  \
  int label(void) { return (expression); }                      \
  attempts[count].name = #label, attempts[count++].attempt = label;
#include "attempts.h"
#undef TRY
  for (int i = 0; i < count; i++) report(i);
  nftw("/", writable, 16, FTW_PHYS | FTW_ACTIONRETVAL);
  return 0;
}
