using System.Collections.Immutable;
using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Serving.Queries;

/// <summary>State that all items of one query share: bounds, input, and the receiver of results.</summary>
/// <remarks>Reference-counted: each item in a queue or batch holds one reference, so that a query answered early (504)
/// gives its input back only when no batch can read it any more. Thread-safe.</remarks>
public abstract class QueryScope
{
    private int _references = 1;

    /// <summary>Index of the pipeline in the engine; −1 for a direct inference on a variant.</summary>
    public required int Pipeline { get; init; }

    /// <summary>Arrival time of the query, on the engine's clock, microseconds.</summary>
    public required long ArrivalUs { get; init; }

    /// <summary>Deadline of the query, on the engine's clock, microseconds; <see cref="long.MaxValue"/> = none.</summary>
    public required long DeadlineUs { get; init; }

    /// <summary>Order in the queues, smaller first: the deadline, or a soft one for queries without.</summary>
    public required long OrderUs { get; init; }

    /// <summary>Least acceptable product of accuracies on a path; 0 = none.</summary>
    public double MinAccuracy { get; init; }

    /// <summary>True where it matters which variant runs: the query asks for a least accuracy, or names the variant.</summary>
    public virtual bool IsParticular => MinAccuracy > 0;

    /// <summary>True where the probabilities of all classes are wanted beside each classification's best.</summary>
    public bool WantsProbabilities { get; init; }

    /// <summary>Values of the pipeline's parameters, see <see cref="QueryRequest.Arguments"/>.</summary>
    public ImmutableArray<TensorPart> Arguments { get; init; } = [];

    /// <summary>What the query brought; null for direct inference. Valid while a reference is held.</summary>
    public abstract QueryInput? Input { get; }

    /// <summary>True once the query has ended; work on its items is then useless.</summary>
    public abstract bool HasEnded { get; }

    /// <summary>Records that a stage answered.</summary>
    /// <param name="item">Item that was served.</param>
    /// <param name="rows">Output rows of the item; owned by the scope from now on.</param>
    /// <param name="tensor">Raw output for tensor tasks; owned by the scope from now on.</param>
    /// <param name="children">Number of children sent; with 0, the item is a leaf and its credit returns.</param>
    public abstract void Report(StageItem item, OutputRow[] rows, RowTensor? tensor, int children);

    /// <summary>Updates the accounts of joins after a stage answered, in a pipeline with joins; follows <see cref="Report"/> of the same
    /// item.</summary>
    /// <param name="item">Item that was served.</param>
    /// <param name="inner">Fork that the item's children refer to.</param>
    /// <param name="passages">Parts of the item's weight; empty = it ended without children.</param>
    /// <returns>Joins that are to run now.</returns>
    /// <exception cref="NotSupportedException">This scope does not keep the accounts of joins.</exception>
    internal virtual IReadOnlyList<ReadyJoin> Book(StageItem item, Fork? inner, IReadOnlyList<Passage> passages) =>
        throw new NotSupportedException("Joins of a query's branches are not served here: only where the query is pending is known what has arrived.");

    /// <summary>Ends the query without an answer; the first end wins.</summary>
    public abstract void Fail(QueryOutcome outcome, string error, TimeSpan? retryAfter = null);

    /// <summary>Place of the query among those that have not ended; null for queries of another process.</summary>
    internal LiveSet<QueryScope>.Place? Place { get; set; }

    /// <summary>Adds a reference of one more item.</summary>
    internal void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>Releases one reference; the last one frees the input.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            FreeInput();
    }

    /// <summary>Frees the query's input; called once.</summary>
    protected abstract void FreeInput();
}
