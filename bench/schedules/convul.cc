#include <array>
#include <atomic>
#include <mutex>
#include <span>

#include "bench/schedules/program.h"
#include "bench/schedules/racy.h"
#include "bench/schedules/sets.h"
#include "bench/schedules/thread.h"

// ConVul's ten vulnerabilities of the Linux kernel and of Firefox, each reduced to two threads.
// They are told here by their shape: a check and a use of two times, an object that is published
// too early, one that two threads free.

namespace slotproof::bench {
namespace {

// CVE-2009-3547, a pipe of Linux: one thread opens the pipe of an inode while another one releases
// it. Both hold the lock, but the one who opens does not ask whether the pipe is still there. It
// fails when the release comes first: no preemption.
struct Inode {
  struct Pipe {
    int writers = 0;
    int readers = 0;
  };

  std::mutex mutex;
  Pipe the_pipe;
  Pipe* pipe = &the_pipe;
};

void OpenPipe(Inode& inode) {
  const std::lock_guard lock(inode.mutex);
  Inode::Pipe* const pipe = inode.pipe;
  Require(pipe != nullptr, "the inode has no pipe");
  pipe->readers = pipe->readers + 1;
}

void ReleasePipe(Inode& inode) {
  const std::lock_guard lock(inode.mutex);
  inode.pipe = nullptr;
}

void RunCve20093547() {
  Inode inode;
  const Thread open = Start<OpenPipe>(inode);
  const Thread release = Start<ReleasePipe>(inode);
  open.Join();
  release.Join();
}

// CVE-2011-2183, Linux's merging of equal pages: a scanner goes through a list of memory maps,
// while a process ends and takes its map out. The scanner asks whether the list is empty without
// the lock and takes the first entry with it: when the only map goes in between, it takes the
// list's head for one, which has no memory. 1 preemption.
struct PageMerging {
  struct Slot {
    Slot* next = nullptr;
    Slot* previous = nullptr;
    int* memory = nullptr;
  };

  std::mutex mutex;
  Slot head;               // of the list of slots; itself none
  Racy<Slot*> first;       // head.next
  Slot* scanned = &head;   // the scanner is there
  Slot* hashed = nullptr;  // the hash table's only entry
  int memory = 0;
};

void Unlink(PageMerging& merging, PageMerging::Slot* slot) {
  slot->next->previous = slot->previous;
  if (slot->previous == &merging.head) {
    merging.first = slot->next;
  } else {
    slot->previous->next = slot->next;
  }
  merging.hashed = nullptr;
}

void ScanPages(PageMerging& merging) {
  if (merging.first == &merging.head) return;
  PageMerging::Slot* slot;
  {
    const std::lock_guard lock(merging.mutex);
    slot = merging.first;
    merging.scanned = slot;
  }
  const int* const memory = slot->memory;
  Require(memory != nullptr, "the scanned map has no memory");
  {
    const std::lock_guard lock(merging.mutex);
    merging.scanned = slot->next;
    Unlink(merging, slot);
  }
  delete slot;
}

void EndProcess(PageMerging& merging) {
  PageMerging::Slot* slot;
  bool is_free = false;
  {
    const std::lock_guard lock(merging.mutex);
    slot = merging.hashed;
    if (slot != nullptr && merging.scanned != slot) {
      Unlink(merging, slot);
      is_free = true;
    }
  }
  if (is_free) delete slot;
}

void RunCve20112183() {
  PageMerging merging;
  PageMerging::Slot* const slot = new PageMerging::Slot;
  slot->next = &merging.head;
  slot->previous = &merging.head;
  slot->memory = &merging.memory;
  merging.first = slot;
  merging.hashed = slot;
  const Thread scan = Start<ScanPages>(merging);
  const Thread end = Start<EndProcess>(merging);
  scan.Join();
  end.Join();
}

// CVE-2013-1792, keyrings of Linux: whoever finds no session keyring installs a user's two
// keyrings, which does nothing if the first one is there already. When another thread has installed
// the first one only, it goes on without a session keyring. 1 preemption, between two writes.
struct User {
  struct Key {
    int uses = 0;
  };

  std::mutex mutex;
  std::array<Key, 2> keys;
  Racy<Key*> user_keyring = nullptr;
  Racy<Key*> session_keyring = nullptr;
};

void InstallKeyrings(User& user) {
  if (user.user_keyring != nullptr) return;
  const std::lock_guard lock(user.mutex);
  if (user.user_keyring != nullptr) return;
  user.user_keyring = &user.keys[0];
  user.session_keyring = &user.keys[1];
}

void LookUpKey(User& user) {
  if (user.session_keyring == nullptr) InstallKeyrings(user);
  User::Key* const key = user.session_keyring;
  Require(key != nullptr, "there is no session keyring");
  key->uses = key->uses + 1;
}

void RunCve20131792() {
  User user;
  const Thread look_up = Start<LookUpKey>(user);
  const Thread install = Start<InstallKeyrings>(user);
  look_up.Join();
  install.Join();
}

// CVE-2015-7550, keys of Linux: a reader asks whether a key is valid and takes its lock then, but
// in between the key may have been revoked and have lost its contents. 1 preemption.
struct RevocableKey {
  std::mutex mutex;
  Racy<bool> revoked = false;
  int contents = 1;
  int* keys = &contents;
};

void ReadKey(RevocableKey& key) {
  if (key.revoked) return;
  const std::lock_guard lock(key.mutex);
  const int* const keys = key.keys;
  Require(keys != nullptr, "the key has no contents");
  Require(*keys == 1, "the key has other contents");
}

void RevokeKey(RevocableKey& key) {
  const std::lock_guard lock(key.mutex);
  key.revoked = true;
  key.keys = nullptr;
}

void RunCve20157550() {
  RevocableKey key;
  const Thread read = Start<ReadKey>(key);
  const Thread revoke = Start<RevokeKey>(key);
  read.Join();
  revoke.Join();
}

// CVE-2016-1972, Firefox's libvpx: something is done once, under a lock that the last of those who
// wait for it deletes. They count themselves without a lock. A thread that has seen that nothing is
// done yet and has not counted itself finds the lock deleted. 2 threads, 1 preemption.
struct Once {
  struct Section {
    std::mutex mutex;
    Racy<int> entered = 0;
  };

  Racy<Section*> section = nullptr;
  Racy<int> waiting = 0;
  Racy<bool> done = false;
};

void DoOnce(Once& once) {
  if (once.done) return;
  ++once.waiting;
  Once::Section* const section = once.section;
  Require(section != nullptr, "the lock is gone");
  section->entered = 1;
  section->mutex.lock();
  if (!once.done) once.done = true;
  section->mutex.unlock();
  if (--once.waiting == 0) {
    delete once.section;
    once.section = nullptr;
  }
}

void RunCve20161972() {
  Once once;
  once.section = new Once::Section;
  const Thread first = Start<DoOnce>(once);
  const Thread second = Start<DoOnce>(once);
  second.Join();
  first.Join();
  delete once.section;  // when a count was lost
}

// CVE-2016-1973, Firefox's WebRTC: a counted singleton. Who counts itself as the first one creates
// the instance and publishes it afterwards; who counts itself as the second one gets it at once, if
// it is there. The first one gives it back at the end, which may also come too early for the
// second. 2 threads, 1 preemption.
struct Singleton {
  struct Instance {
    int size = 0;
  };

  std::atomic<long> count = 0;
  std::atomic<Instance*> instance = nullptr;
};

Singleton::Instance* GetInstance(Singleton& singleton) {
  bool creates = singleton.count.load() == 0;
  if (!creates && singleton.count.fetch_add(1) == 0) {
    singleton.count.fetch_sub(1);
    creates = true;
  }
  if (creates) {
    Singleton::Instance* const created = new Singleton::Instance;
    if (singleton.count.fetch_add(1) == 0) {
      singleton.instance.exchange(created);
    } else {
      singleton.count.fetch_sub(1);
      delete created;
    }
  }
  return singleton.instance.load();
}

void UseInstance(Singleton& singleton) {
  const Singleton::Instance* const instance = GetInstance(singleton);
  Require(instance != nullptr, "there is no instance");
  Require(instance->size == 0, "the instance is not a new one");
}

void ReturnInstance(Singleton& singleton) {
  if (singleton.count.fetch_sub(1) == 1) delete singleton.instance.exchange(nullptr);
}

void UseAndReturnInstance(Singleton& singleton) {
  UseInstance(singleton);
  ReturnInstance(singleton);
}

void RunCve20161973() {
  Singleton singleton;
  const Thread keep = Start<UseInstance>(singleton);
  const Thread give_back = Start<UseAndReturnInstance>(singleton);
  keep.Join();
  give_back.Join();
  delete singleton.instance.load();
}

// CVE-2016-7911, priorities in Linux: a task's I/O context is read once for the check and once more
// for its use, and the task's end takes it away. 1 preemption.
struct Task {
  struct Context {
    int priority = 1;
    int tasks = 1;
  };

  std::mutex mutex;
  Context the_context;
  Racy<Context*> context = &the_context;
};

void GetPriority(Task& task) {
  if (task.context == nullptr) return;
  const Task::Context* const context = task.context;
  Require(context != nullptr, "the context is gone after the check");
  Require(context->priority == 1, "the priority is another one");
}

void EndTask(Task& task) {
  Task::Context* context;
  {
    const std::lock_guard lock(task.mutex);
    context = task.context;
    task.context = nullptr;
  }
  context->tasks = context->tasks - 1;
}

void RunCve20167911() {
  Task task;
  const Thread get = Start<GetPriority>(task);
  const Thread end = Start<EndTask>(task);
  get.Join();
  end.Join();
}

// CVE-2016-9806, netlink of Linux: each of two dumps puts its buffer into the socket under the lock
// and frees the one that it finds there without it. Both free one. 1 preemption.
struct Socket {
  struct Buffer {
    Socket* socket = nullptr;
  };

  std::mutex mutex;
  Racy<Buffer*> buffer = nullptr;
};

void Dump(Socket& socket) {
  {
    const std::lock_guard lock(socket.mutex);
    Socket::Buffer* const buffer = new Socket::Buffer;
    buffer->socket = &socket;
    socket.buffer = buffer;
  }
  delete socket.buffer;
}

void RunCve20169806() {
  Socket socket;
  const Thread first = Start<Dump>(socket);
  const Thread second = Start<Dump>(socket);
  first.Join();
  second.Join();
}

// CVE-2017-15265, sequencers of Linux: a thread makes a port, puts it into the client's list under
// the locks and fills it in afterwards; another one may have deleted it by then. 1 preemption.
struct Client {
  struct Port {
    explicit Port(int number_of_port) : number(number_of_port) {}
    int number;
    int type = 0;
    Port* next = nullptr;
    std::mutex use;
  };

  std::mutex mutex;
  std::mutex list_mutex;
  Port first{0};
  int ports = 1;
};

void CreatePort(Client& client) {
  Client::Port* const port = new Client::Port(1);
  client.mutex.lock();
  client.list_mutex.lock();
  Client::Port* last = &client.first;
  while (last->next != nullptr) last = last->next;
  last->next = port;
  client.ports = client.ports + 1;
  client.list_mutex.unlock();
  client.mutex.unlock();

  port->type = 1;
}

void DeletePort(Client& client) {
  Client::Port* found = nullptr;
  client.mutex.lock();
  client.list_mutex.lock();
  for (Client::Port* port = &client.first; port->next != nullptr; port = port->next) {
    if (port->next->number != 1) continue;
    found = port->next;
    port->next = found->next;
    client.ports = client.ports - 1;
    break;
  }
  client.list_mutex.unlock();
  client.mutex.unlock();
  if (found == nullptr) return;

  found->use.lock();
  found->use.unlock();
  delete found;
}

void RunCve201715265() {
  Client client;
  const Thread create = Start<CreatePort>(client);
  const Thread remove = Start<DeletePort>(client);
  create.Join();
  remove.Join();
  delete client.first.next;
}

// CVE-2017-6346, packet sockets of Linux: each of two threads makes a rollover of one socket,
// fails, and frees what it finds there. They free one twice, use one that the other has freed, or
// find none where they have just put theirs. 1 preemption.
struct PacketSocket {
  struct Rollover {
    Racy<long> number = 0;
  };

  std::mutex mutex;
  Racy<Rollover*> rollover = nullptr;
  int members = 0;
};

void AddToFanout(PacketSocket& socket) {
  socket.rollover = new PacketSocket::Rollover;
  PacketSocket::Rollover* const rollover = socket.rollover;
  Require(rollover != nullptr, "the rollover is gone");
  rollover->number = 0;
  bool fails;
  {
    const std::lock_guard lock(socket.mutex);
    fails = socket.members == 0;
  }
  if (!fails) return;
  delete socket.rollover;
  socket.rollover = nullptr;
}

void RunCve20176346() {
  PacketSocket socket;
  const Thread first = Start<AddToFanout>(socket);
  const Thread second = Start<AddToFanout>(socket);
  first.Join();
  second.Join();
}

constexpr Program kPrograms[] = {
    {"ConVul/CVE-2009-3547", RunCve20093547, 3, "a pipe is opened after its release"},
    {"ConVul/CVE-2011-2183", RunCve20112183, 3, "a list is asked for its first after it got empty"},
    {"ConVul/CVE-2013-1792", RunCve20131792, 3, "one of two keyrings is there"},
    {"ConVul/CVE-2015-7550", RunCve20157550, 3, "a key is revoked between check and lock"},
    {"ConVul/CVE-2016-1972", RunCve20161972, 3, "a lock is deleted before all have counted"},
    {"ConVul/CVE-2016-1973", RunCve20161973, 3, "an instance is counted before it is there"},
    {"ConVul/CVE-2016-7911", RunCve20167911, 3, "a pointer is read twice"},
    {"ConVul/CVE-2016-9806", RunCve20169806, 3, "a buffer is freed by two threads"},
    {"ConVul/CVE-2017-15265", RunCve201715265, 3, "a port is deleted before it is filled in"},
    {"ConVul/CVE-2017-6346", RunCve20176346, 3, "a pointer that two threads set and free"},
};

}  // namespace

std::span<const Program> ConvulPrograms() { return kPrograms; }

}  // namespace slotproof::bench
