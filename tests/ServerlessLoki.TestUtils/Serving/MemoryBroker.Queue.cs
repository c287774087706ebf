namespace ServerlessLoki.Serving.Distributed.Tests.Doubles;

/// <content>A queue: messages that are locked by who took them, until completed, given back or the receiver is gone.</content>
internal sealed partial class MemoryBroker
{
    private sealed class Entry(byte[] body)
    {
        public byte[] Body { get; } = body;

        public int Deliveries { get; set; }

        public Receiver? LockedBy { get; set; }
    }

    private sealed class Queue
    {
        private readonly List<Entry> _entries = [];
        private readonly List<Receiver> _receivers = [];

        public int Count
        {
            get
            {
                lock (_entries)
                    return _entries.Count;
            }
        }

        public void Add(byte[] body)
        {
            lock (_entries)
                _entries.Add(new Entry(body));
            Wake();
        }

        public void Open(Receiver receiver)
        {
            lock (_entries)
                _receivers.Add(receiver);
            receiver.Pump();
        }

        public void Close(Receiver receiver)
        {
            lock (_entries)
            {
                _receivers.Remove(receiver);
                foreach (var entry in _entries.Where(e => e.LockedBy == receiver))
                    entry.LockedBy = null;
            }

            Wake();
        }

        public void Expire(Client client)
        {
            Receiver[] dead;
            lock (_entries)
                dead = [.. _receivers.Where(r => r.Client == client)];
            foreach (var receiver in dead)
                Close(receiver);
        }

        public List<Entry> Lock(Receiver receiver, int max)
        {
            lock (_entries)
            {
                if (!_receivers.Contains(receiver))
                    return [];
                var taken = _entries.Where(e => e.LockedBy is null).Take(max).ToList();
                foreach (var entry in taken)
                {
                    entry.LockedBy = receiver;
                    entry.Deliveries++;
                }

                return taken;
            }
        }

        /// <summary>False if the lock was lost.</summary>
        public bool Settle(Receiver receiver, Entry entry, bool complete)
        {
            lock (_entries)
            {
                if (entry.LockedBy != receiver)
                    return false;
                entry.LockedBy = null;
                if (complete)
                    _entries.Remove(entry);
            }

            Wake();
            return true;
        }

        private void Wake()
        {
            Receiver[] receivers;
            lock (_entries)
                receivers = [.. _receivers];
            foreach (var receiver in receivers)
                receiver.Pump();
        }
    }
}
