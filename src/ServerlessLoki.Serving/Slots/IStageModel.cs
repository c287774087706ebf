using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>A loaded variant, shared by all slots that run it.</summary>
internal interface IStageModel : IDisposable
{
    ModelDescription Description { get; }

    /// <summary>Execution provider in use, after any fall-back.</summary>
    string Provider { get; }

    /// <summary>Why another than the one asked for is in use; null if none is.</summary>
    string? ProviderFallback { get; }

    /// <summary>Why rows run one at a time; null where batches may be larger.</summary>
    string? HeldBecause { get; }

    /// <summary>Buffers of one slot; not thread-safe.</summary>
    IStageRunner CreateRunner();
}

/// <summary>One slot's buffers and bindings on a loaded variant. Used by one thread at a time.</summary>
internal interface IStageRunner : IDisposable
{
    /// <summary>Largest batch, rows.</summary>
    int MaxBatch { get; }

    /// <summary>True where all rows are of one size, so that a batch's time follows from its rows.</summary>
    bool IsSized => true;

    /// <summary>Runs once on what is in the buffers, so that the first real batch of this size pays nothing extra.</summary>
    void Warm(int batch);

    /// <summary>Fills one input row from the item's query.</summary>
    void Fill(int row, StageItem item);

    /// <summary>Runs the first <paramref name="batch"/> rows.</summary>
    void Run(int batch);

    /// <summary>Zeros the first rows of all inputs: what made a run fail is gone.</summary>
    void Clear(int rows);

    /// <summary>The batch was handed on: what it took may go.</summary>
    void Done()
    {
    }

    /// <summary>Reads one output row of the last run.</summary>
    /// <returns>False when it holds values that are not numbers, from which no answer can be made.</returns>
    /// <exception cref="ModelException">The outputs do not fit each other; says how. The other rows can be read.</exception>
    bool TryRead(int row, out OutputRow[] rows, out RowTensor? tensor);

    /// <summary>The probabilities of all classes of an output row that was just read; null where the task is no classification.</summary>
    RowTensor? ReadProbabilities(int row) => null;

    /// <summary>Copies one raw output row of the last run for a direct inference.</summary>
    void ReadRaw(int row, DirectQuery query, int queryRow);
}

/// <summary>Opens models. Thread-safe.</summary>
internal interface IStageModelFactory
{
    /// <exception cref="Exception">The file cannot be used for its task; the message says why.</exception>
    IStageModel Load(VariantId id);

    /// <summary>Size of the model file, for the idle budget.</summary>
    long Bytes(VariantId id);
}
