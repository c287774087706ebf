using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Trials;

/// <summary>State that all items of a trial's query share.</summary>
internal sealed class TrialScope(QueryInput input) : QueryScope
{
    public override QueryInput? Input => input;

    public override bool HasEnded => false;

    public override void Report(StageItem item, OutputRow[] rows, RowTensor? tensor, int children)
    {
        // A trial keeps the answers itself.
    }

    public override void Fail(QueryOutcome outcome, string error, TimeSpan? retryAfter = null) => throw new NotSupportedException(error);

    protected override void FreeInput() => input.Dispose();
}
