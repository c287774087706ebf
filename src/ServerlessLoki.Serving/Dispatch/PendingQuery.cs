using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Admitted query of this process: collects answers, joins by credit, and ends exactly once.</summary>
internal sealed class PendingQuery(
    string id, Pipeline graph, QueryInput input, ServingClock clock, PipelineMetrics metrics, long planVersion, Action<PendingQuery> ended) : QueryScope
{
    private TaskCompletionSource<QueryResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(StageItem Item, OutputRow[] Rows, RowTensor? Tensor)> _answers = new(8);
    private readonly Lock _join = new();
    private JoinLedger? _ledger;
    private UInt128 _returned;
    private double _accuracySum;
    private int _leaves;
    private long _queuedUs;
    private long _computedUs;
    private volatile bool _hasEnded;

    public string Id { get; } = id;

    public override QueryInput Input { get; } = input;

    public Task<QueryResult> Result => _result.Task;

    /// <summary>Thread that continues with the answer; null = the thread pool. Set before anything awaits the answer.</summary>
    public AnswerThread? Answers
    {
        get;
        init => (field, _result) = (value, value is null ? _result : new TaskCompletionSource<QueryResult>());
    }

    /// <summary>True when much of the query's time had passed before admission: its latency then says nothing about the predicted
    /// wait.</summary>
    public bool WasOld { get; init; }

    /// <summary>Outcome of the query; valid after its end.</summary>
    public QueryOutcome Outcome { get; private set; }

    public override bool HasEnded => _hasEnded;

    /// <summary>True for a run: its latency says nothing about the SLO.</summary>
    public bool IgnoresSlo { get; init; }

    public override void Report(StageItem item, OutputRow[] rows, RowTensor? tensor, int children)
    {
        QueryResult? complete = null;
        lock (_join)
        {
            if (_hasEnded)
                return;
            _answers.Add((item, rows, tensor));
            if (children > 0)
                return;
            _returned += item.Credit.Length;
            _accuracySum += item.Accuracy;
            _leaves++;
            _queuedUs = Math.Max(_queuedUs, item.QueuedUs);
            _computedUs = Math.Max(_computedUs, item.ComputedUs);
            if (_returned != Credit.Whole.Length)
                return;
            // First the answer: should making it fail, the query can still be ended by Fail.
            complete = Complete();
            _hasEnded = true;
        }

        End(complete);
    }

    internal override IReadOnlyList<ReadyJoin> Book(StageItem item, Fork? inner, IReadOnlyList<Passage> passages)
    {
        var ready = new List<ReadyJoin>();
        QueryResult? complete = null;
        lock (_join)
        {
            if (_hasEnded)
                return ready;
            _returned += (_ledger ??= new JoinLedger(graph)).Book(item, inner, passages, ready);
            if (_returned != Credit.Whole.Length)
                return ready;
            // First the answer: should making it fail, the query can still be ended by Fail.
            complete = Complete();
            _hasEnded = true;
        }

        End(complete);
        return ready;
    }

    public override void Fail(QueryOutcome outcome, string error, TimeSpan? retryAfter = null)
    {
        lock (_join)
        {
            if (_hasEnded)
                return;
            _hasEnded = true;
        }

        End(new QueryResult
        {
            Id = Id, Outcome = outcome, Error = error, RetryAfter = retryAfter, Latency = Elapsed(), PlanVersion = planVersion,
        });
    }

    protected override void FreeInput() => Input.Dispose();

    private TimeSpan Elapsed() => TimeSpan.FromMicroseconds(clock.NowUs - ArrivalUs);

    private QueryResult Complete()
    {
        // Topological task order, then credit order: the same answer whatever the timing was.
        _answers.Sort((a, b) => a.Item.Task != b.Item.Task
            ? a.Item.Task.CompareTo(b.Item.Task)
            : a.Item.Credit.Start.CompareTo(b.Item.Credit.Start));
        var position = new Dictionary<(int Task, UInt128 Start), int>(_answers.Count);
        var answers = new StageAnswer[_answers.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            var (item, rows, tensor) = _answers[i];
            position[(item.Task, item.Credit.Start)] = i;
            var parent = item.ParentTask < 0 ? -1 : position[(item.ParentTask, item.ParentStart)];
            answers[i] = new StageAnswer(item.Task, item.Variant, parent, item.ParentRow, rows, tensor);
        }

        return new QueryResult
        {
            Id = Id,
            Outcome = QueryOutcome.Completed,
            Answers = answers,
            Accuracy = _accuracySum / _leaves,
            Latency = Elapsed(),
            Queued = TimeSpan.FromMicroseconds(_queuedUs),
            Computed = TimeSpan.FromMicroseconds(_computedUs),
            PlanVersion = planVersion,
        };
    }

    private void End(QueryResult result)
    {
        var nowUs = clock.NowUs;
        if (result.Outcome == QueryOutcome.Completed && nowUs > DeadlineUs)
            result = result with { Outcome = QueryOutcome.Expired, Answers = [], Error = "The answer was ready after the deadline." };
        var times = new QueryTimes(
            (long)result.Latency.TotalMicroseconds, DeadlineUs == long.MaxValue ? null : DeadlineUs - nowUs, IgnoresSlo ? null : ArrivalUs + graph.SloUs - nowUs);
        try
        {
            metrics.Left();
            metrics.Ended(result.Outcome, times, result.Accuracy);
            Outcome = result.Outcome;
            ended(this);
        }
        finally
        {
            // Whatever counts queries may fail; its caller waits for this alone.
            if (Answers is { } answers)
                answers.Post(() => _result.TrySetResult(result));
            else
                _result.TrySetResult(result);
            Release();
        }
    }
}
