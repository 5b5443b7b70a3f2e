/**
 * The required outcome of an attempt of probe.c inside the task. `blocked`: the task definition or the image stops
 * it, and an unhardened container allows it. `open`: no setting of Fargate stops it, for the reason given.
 * `engine`: not promised, because the engine's seccomp profile or the kernel decides, and those of Fargate are not
 * documented.
 */
export type Expected = 'blocked' | 'open' | 'engine';

export interface Promised {
  readonly attempts: readonly string[];
  readonly expected: Expected;
  readonly why: string;
}

export const PROMISES: readonly Promised[] = [
  {
    expected: 'blocked',
    why: 'the root is read-only, and 65532 owns nothing there',
    attempts: [
      'create_in_root',
      'create_in_app',
      'create_in_etc',
      'create_in_usr',
      'create_in_lib',
      'create_beside_node',
      'create_in_home',
      'create_in_tmp',
      'create_in_run',
      'unnamed_file',
      'make_directory',
      'make_fifo',
      'make_symlink',
      'rename_bundle',
      'append_to_bundle',
      'append_to_node',
      'append_to_passwd',
      'chmod_bundle',
      'chown_bundle',
      'touch_bundle',
    ],
  },
  {
    expected: 'blocked',
    why: 'the engine’s own mounts belong to root, and the task does not run as root',
    attempts: [
      'create_in_dev',
      'create_in_cgroup',
      'append_to_hosts',
      'append_to_resolv_conf',
      'write_core_pattern',
      'write_sysctl_vm',
      'write_sysrq',
      'write_sysfs',
      'read_kernel_memory',
    ],
  },
  {
    expected: 'blocked',
    why: 'mounts and device nodes take CAP_SYS_ADMIN, CAP_SYS_CHROOT and CAP_MKNOD; every capability is dropped',
    attempts: [
      'mount_tmpfs',
      'mount_proc',
      'mount_bind',
      'remount_root_writable',
      'new_mount_api',
      'clone_mount',
      'pivot_root',
      'change_root',
      'make_device',
    ],
  },
  {
    expected: 'blocked',
    why: 'a container that is not privileged gets no device of the machine',
    attempts: ['open_block_device', 'read_kernel_log_device', 'io_ports'],
  },
  {
    expected: 'blocked',
    why: 'changing users and gaining capabilities takes capabilities; none is left to gain one with',
    attempts: [
      'become_root',
      'become_root_group',
      'become_another',
      'join_groups',
      'gain_setuid',
      'gain_net_admin',
      'gain_sys_admin',
      'set_securebits',
      'drop_from_bounding_set',
    ],
  },
  {
    expected: 'blocked',
    why: 'a namespace other than a user namespace takes CAP_SYS_ADMIN',
    attempts: [
      'unshare_mounts',
      'unshare_hostname',
      'unshare_ipc',
      'unshare_network',
      'unshare_processes',
      'unshare_cgroup',
      'enter_namespace',
      'set_hostname',
    ],
  },
  {
    expected: 'blocked',
    why: 'raw packets take CAP_NET_RAW, the network’s settings CAP_NET_ADMIN, low ports CAP_NET_BIND_SERVICE',
    attempts: [
      'raw_socket',
      'raw_socket_v6',
      'packet_socket',
      'bind_port_80',
      'set_mtu',
      'add_route',
      'mark_packets',
    ],
  },
  {
    expected: 'blocked',
    why: 'the machine itself takes CAP_SYS_MODULE, _BOOT, _TIME, _NICE, CAP_DAC_READ_SEARCH or CAP_SYS_ADMIN',
    attempts: [
      'load_module',
      'load_module_file',
      'unload_module',
      'load_kernel',
      'restart_machine',
      'swap_on',
      'set_clock',
      'open_by_handle',
      'watch_all_files',
      'raise_priority',
      'real_time_priority',
    ],
  },
  { expected: 'blocked', why: 'the image has neither', attempts: ['shell', 'package_manager'] },
  {
    expected: 'open',
    why: 'native code may start what can be read: Fargate has no limit on processes; JavaScript cannot (Node’s permission model)',
    attempts: ['fork_process', 'run_node', 'run_from_memory'],
  },
  {
    expected: 'open',
    why: 'processes of one user may signal and read each other; the environment holds references, no secret',
    attempts: ['signal_service', 'read_service_environment'],
  },
  {
    expected: 'open',
    why: 'every container gets memory to share, bounded and lost with the task; JavaScript can make no file there, only a socket',
    attempts: ['create_in_shm', 'message_queue', 'shared_memory'],
  },
  {
    expected: 'engine',
    why: 'the seccomp profile and the kernel’s sysctls decide',
    attempts: [
      'user_namespace',
      'mount_in_user_namespace',
      'vsock',
      'bpf',
      'perf_events',
      'kernel_log',
      'userfaultfd',
      'kernel_keyring',
      'io_uring',
      'run_from_shm',
      'read_service_memory',
      'trace_service',
      'write_service_output',
    ],
  },
];

/** Paths that a process in the task may write to; the engine mounts both for shared memory. */
export const WRITABLE = ['/dev/mqueue', '/dev/shm'];
