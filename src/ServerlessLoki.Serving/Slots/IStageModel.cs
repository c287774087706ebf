using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Loaded variant, shared by all slots that run it.</summary>
internal interface IStageModel : IDisposable
{
    ModelDescription Description { get; }

    /// <summary>Execution provider in use, after any fall-back.</summary>
    string Provider { get; }

    /// <summary>Reason why another provider than the requested one is in use; null if it is the requested one.</summary>
    string? ProviderFallback { get; }

    /// <summary>Reason why rows run one at a time; null where batches may be larger.</summary>
    string? HeldBecause { get; }

    /// <summary>Makes the buffers of one slot; not thread-safe.</summary>
    IStageRunner CreateRunner();
}

/// <summary>Buffers and bindings of one slot on a loaded variant. Used by one thread at a time.</summary>
internal interface IStageRunner : IDisposable
{
    /// <summary>Largest batch, rows.</summary>
    int MaxBatch { get; }

    /// <summary>True where all rows are of one size, so that a batch's time follows from its rows.</summary>
    bool IsSized => true;

    /// <summary>Runs once on the present content of the buffers, so that the first real batch of this size is not slower.</summary>
    void Warm(int batch);

    /// <summary>Fills one input row from the item's query.</summary>
    void Fill(int row, StageItem item);

    /// <summary>Runs the first <paramref name="batch"/> rows.</summary>
    void Run(int batch);

    /// <summary>Zeros the first rows of all inputs, to remove the data that made a run fail.</summary>
    void Clear(int rows);

    /// <summary>Releases the memory of a batch that was handed on.</summary>
    void Done()
    {
    }

    /// <summary>Reads one output row of the last run.</summary>
    /// <returns>False when the row holds values that are NaN or infinite, which give no answer.</returns>
    /// <exception cref="ModelException">The outputs do not fit each other; says how. The other rows can be read.</exception>
    bool TryRead(int row, out OutputRow[] rows, out RowTensor? tensor);

    /// <summary>The probabilities of all classes of an output row that was just read; null where the task is no classification.</summary>
    RowTensor? ReadProbabilities(int row) => null;

    /// <summary>Copies one raw output row of the last run for a direct inference.</summary>
    void ReadRaw(int row, DirectQuery query, int queryRow);
}

/// <summary>Factory that opens models. Thread-safe.</summary>
internal interface IStageModelFactory
{
    /// <exception cref="Exception">The file cannot be used for its task; the message says why.</exception>
    IStageModel Load(VariantId id);

    /// <summary>Returns the size of the model file, for the idle budget.</summary>
    long Bytes(VariantId id);
}
