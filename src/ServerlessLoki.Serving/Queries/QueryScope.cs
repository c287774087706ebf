using System.Collections.Immutable;
using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Serving.Queries;

/// <summary>What all items of one query share: bounds, input, and where results go.</summary>
/// <remarks>Reference-counted: each item in a queue or batch holds one reference, so that a query answered early (504)
/// gives its input back only when no batch can read it any more. Thread-safe.</remarks>
public abstract class QueryScope
{
    private int _references = 1;

    /// <summary>Index of the pipeline in the engine; −1 for a direct inference on a variant.</summary>
    public required int Pipeline { get; init; }

    /// <summary>When the query arrived, on the engine's clock, microseconds.</summary>
    public required long ArrivalUs { get; init; }

    /// <summary>When its answer is due, on the engine's clock; <see cref="long.MaxValue"/> = never.</summary>
    public required long DeadlineUs { get; init; }

    /// <summary>Order in the queues, smaller first: the deadline, or a soft one for queries without.</summary>
    public required long OrderUs { get; init; }

    /// <summary>Least acceptable product of accuracies on a path; 0 = none.</summary>
    public double MinAccuracy { get; init; }

    /// <summary>Values of the pipeline's parameters, see <see cref="QueryRequest.Arguments"/>.</summary>
    public ImmutableArray<TensorPart> Arguments { get; init; } = [];

    /// <summary>What the query brought; null for direct inference. Valid while a reference is held.</summary>
    public abstract QueryInput? Input { get; }

    /// <summary>True once the query has ended; its items are then worthless.</summary>
    public abstract bool HasEnded { get; }

    /// <summary>A stage answered.</summary>
    /// <param name="item">The item that was served.</param>
    /// <param name="rows">Its output rows; the array is the scope's from now on.</param>
    /// <param name="tensor">Its raw output for tensor tasks; the scope's from now on.</param>
    /// <param name="children">Children sent; with none, the item's credit returns and it is a leaf.</param>
    public abstract void Report(StageItem item, OutputRow[] rows, RowTensor? tensor, int children);

    /// <summary>A stage answered, in a pipeline with joins; follows <see cref="Report"/> of the same item.</summary>
    /// <param name="item">The item that was served.</param>
    /// <param name="inner">The fork that its children refer to.</param>
    /// <param name="passages">Its parts; empty = it ended without children.</param>
    /// <returns>Joins that are to run now.</returns>
    /// <exception cref="NotSupportedException">This scope does not keep the accounts of joins.</exception>
    internal virtual IReadOnlyList<ReadyJoin> Book(StageItem item, Fork? inner, IReadOnlyList<Passage> passages) =>
        throw new NotSupportedException("Joins of a query's branches are not served here: only where the query is pending is known what has arrived.");

    /// <summary>Ends the query without an answer; the first end wins.</summary>
    public abstract void Fail(QueryOutcome outcome, string error, TimeSpan? retryAfter = null);

    /// <summary>Its place among those that have not ended; null for the queries of another process.</summary>
    internal LiveSet<QueryScope>.Place? Place { get; set; }

    /// <summary>One more item refers to the query.</summary>
    internal void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>Gives one reference back; the last one frees the input.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            FreeInput();
    }

    /// <summary>Gives the query's input back to its pool; called once.</summary>
    protected abstract void FreeInput();
}
