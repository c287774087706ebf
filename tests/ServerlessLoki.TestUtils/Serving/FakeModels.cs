using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Serving.Tests.Doubles;

/// <summary>Models that take a set time and answer what a test tells them to.</summary>
internal sealed class FakeModels : IStageModelFactory
{
    private int _open;

    /// <summary>Time of one batch.</summary>
    public Func<VariantId, int, TimeSpan> Time { get; set; } = (_, _) => TimeSpan.Zero;

    /// <summary>Output rows of one item.</summary>
    public Func<VariantId, StageItem, OutputRow[]> Rows { get; set; } = (_, _) => [new OutputRow(0, 0.9f, 0, 0, 1, 1)];

    /// <summary>Variants that cannot be loaded.</summary>
    public HashSet<VariantId> Broken { get; } = [];

    /// <summary>Called at the start of each batch; may throw.</summary>
    public Action<VariantId, int> OnRun { get; set; } = (_, _) => { };

    /// <summary>Called when a model is run on zeros; may throw.</summary>
    public Action<VariantId> OnWarm { get; set; } = _ => { };

    /// <summary>Called for each batch with the queries' items; may throw.</summary>
    public Action<VariantId, IReadOnlyList<StageItem>> OnRows { get; set; } = (_, _) => { };

    /// <summary>Called before a model is loaded; may block or throw.</summary>
    public Action<VariantId> OnLoad { get; set; } = _ => { };

    /// <summary>Called for each worker that gets a model.</summary>
    public Action<VariantId> OnRunner { get; set; } = _ => { };

    /// <summary>Called for each row that is filled; may throw.</summary>
    public Action<StageItem> OnFill { get; set; } = _ => { };

    /// <summary>Why the provider asked for is not in use; null = it is.</summary>
    public string? Fallback { get; set; }

    /// <summary>Why rows run one at a time; null = batches of up to 64.</summary>
    public Func<VariantId, string?> Held { get; set; } = _ => null;

    public int OpenModels => Volatile.Read(ref _open);

    public IStageModel Load(VariantId id)
    {
        OnLoad(id);
        if (Broken.Contains(id))
            throw new InvalidDataException($"{id} is broken.");
        Interlocked.Increment(ref _open);
        return new Model(this, id);
    }

    public long Bytes(VariantId id) => 1;

    private sealed class Model(FakeModels models, VariantId id) : IStageModel
    {
        public ModelDescription Description { get; } = new($"{id}", "p", "t", [], []);

        public string Provider => "cpu";

        public string? ProviderFallback => models.Fallback;

        public string? HeldBecause => models.Held(id);

        public IStageRunner CreateRunner()
        {
            models.OnRunner(id);
            return new Runner(models, id);
        }

        public void Dispose() => Interlocked.Decrement(ref models._open);
    }

    private sealed class Runner(FakeModels models, VariantId id) : IStageRunner
    {
        private readonly StageItem[] _items = new StageItem[64];

        public int MaxBatch => models.Held(id) is null ? 64 : 1;

        public void Warm(int batch) => models.OnWarm(id);

        public void Fill(int row, StageItem item)
        {
            models.OnFill(item);
            _items[row] = item;
        }

        public void Run(int batch)
        {
            models.OnRun(id, batch);
            models.OnRows(id, _items[..batch]);
            Thread.Sleep(models.Time(id, batch));
        }

        public void Clear(int rows) => Array.Clear(_items, 0, rows);

        public bool TryRead(int row, out OutputRow[] rows, out RowTensor? tensor)
        {
            tensor = null;
            rows = models.Rows(id, _items[row]);
            return rows.All(r => float.IsFinite(r.Score));
        }

        public void ReadRaw(int row, DirectQuery query, int queryRow) => query.Write(0, 1, queryRow, query.InputRow(0, queryRow));

        public void Dispose()
        {
        }
    }
}
