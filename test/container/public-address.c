// Adds addresses to the loopback interface of its network namespace, so that a server without a network can have a
// public address: public-address 93.184.215.14 … Needs CAP_NET_ADMIN.
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  int any = socket(AF_INET, SOCK_DGRAM, 0);
  for (int i = 1; i < argc; i++) {
    struct ifreq request = {0};
    struct sockaddr_in address = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, argv[i], &address.sin_addr) != 1) return fprintf(stderr, "not IPv4: %s\n", argv[i]), 1;
    snprintf(request.ifr_name, sizeof request.ifr_name, "lo:%d", i);
    memcpy(&request.ifr_addr, &address, sizeof address);
    if (ioctl(any, SIOCSIFADDR, &request) != 0) return perror(argv[i]), 1;
    // The default mask of the address's class would include its neighbours.
    memset(&((struct sockaddr_in *)&request.ifr_netmask)->sin_addr, 0xff, sizeof address.sin_addr);
    request.ifr_netmask.sa_family = AF_INET;
    if (ioctl(any, SIOCSIFNETMASK, &request) != 0) return perror("netmask"), 1;
  }
  return 0;
}
