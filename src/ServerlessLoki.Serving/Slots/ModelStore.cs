using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Loaded models, reference-counted. Unused models stay loaded up to a budget; the least recently used are unloaded
/// first.</summary>
internal sealed class ModelStore(IStageModelFactory factory, long idleBytes, ILogger<ModelStore> logger) : IDisposable
{
    private readonly Dictionary<VariantId, Entry> _entries = [];
    private readonly Lock _gate = new();
    private long _tick;

    /// <summary>Returns the model, loading it if needed. Blocks while loading: not for compute threads.</summary>
    public ModelLease Acquire(VariantId id)
    {
        Entry entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue(id, out entry!))
                _entries[id] = entry = new Entry(id, new Lazy<IStageModel>(() => factory.Load(id)), factory.Bytes(id));
            entry.Users++;
        }

        try
        {
            return new ModelLease(entry.Model.Value, () => Return(entry));
        }
        catch
        {
            lock (_gate)
            {
                // A Lazy keeps its exception: forget it so that a repaired file can be loaded later.
                entry.Users--;
                // Another that met the same failure may have done so before, and a third have loaded the file since.
                if (_entries.TryGetValue(id, out var current) && current == entry)
                    _entries.Remove(id);
            }

            throw;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var entry in _entries.Values)
                entry.DisposeModel();
            _entries.Clear();
        }
    }

    private void Return(Entry entry)
    {
        List<Entry> leaving = [];
        lock (_gate)
        {
            entry.Users--;
            entry.LastUsed = ++_tick;
            var idle = _entries.Values.Where(e => e.Users == 0).OrderBy(e => e.LastUsed).ToList();
            var total = idle.Sum(e => e.Bytes);
            foreach (var oldest in idle.TakeWhile(_ => total > idleBytes))
            {
                total -= oldest.Bytes;
                _entries.Remove(oldest.Id);
                leaving.Add(oldest);
            }
        }

        foreach (var old in leaving)
        {
            logger.Unloaded(old.Id.Pipeline, old.Id.Task, old.Id.Variant);
            old.DisposeModel();
        }
    }

    private sealed class Entry(VariantId id, Lazy<IStageModel> model, long bytes)
    {
        public VariantId Id { get; } = id;

        public Lazy<IStageModel> Model { get; } = model;

        public long Bytes { get; } = bytes;

        public int Users { get; set; }

        public long LastUsed { get; set; }

        public void DisposeModel()
        {
            if (Model.IsValueCreated)
                Model.Value.Dispose();
        }
    }
}
