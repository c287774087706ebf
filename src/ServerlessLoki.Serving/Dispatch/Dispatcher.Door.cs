using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Dispatch;

internal sealed partial class Dispatcher
{
    /// <summary>Last part of the queue, as a share, which is reserved for callers that wait as told after a refusal. Under lasting overload
    /// the other callers fill the queue up to that part.</summary>
    private const double WaitingShare = 0.03;

    /// <summary>Thread that completes answers sent over the network; null = the thread pool.</summary>
    public AnswerThread? Answers { get; set; }

    /// <summary>Ingress of one pipeline: its queries are refused by their headers, or admitted and sent to the root's queue.</summary>
    private sealed partial class Door(Dispatcher dispatcher, int index, Pipeline graph) : ServedPipeline(graph)
    {
        private readonly PipelineMetrics _metrics = dispatcher._metrics.Pipelines[index];
        private readonly double _bestAccuracy = PipelineAccuracy.Best(graph);

        /// <summary>Reserve of a query's time at admission, because recent predictions were too optimistic.</summary>
        private readonly AdmissionMargin _margin = new();
        private double _leastUs;

        /// <summary>Least processing time as profiled, microseconds.</summary>
        public double LeastUs
        {
            get => Volatile.Read(ref _leastUs);
            set => Volatile.Write(ref _leastUs, value);
        }

        public override QueryResult? RefuseEarly(TimeSpan? latency, TimeSpan age, bool isTooSoon = false)
        {
            // A deadline that nothing could keep is a fault of the request.
            if (latency?.TotalMicroseconds < LeastUs)
                return null;
            if (dispatcher._routing is not { } routing || routing.Table.MinRemainingUs(index, 0) is var leastUs && double.IsInfinity(leastUs))
                return null;
            var nowUs = dispatcher._clock.NowUs;
            var arrivalUs = nowUs - (long)age.TotalMicroseconds;
            var deadlineUs = arrivalUs + (latency is { } own ? (long)own.TotalMicroseconds : Pipeline.SloUs);
            var backlogUs = routing.Waiting.BeforeUs(deadlineUs);
            var isTooOld = nowUs + leastUs > deadlineUs && nowUs - arrivalUs > (deadlineUs - arrivalUs) / 2;
            if (!isTooOld && (backlogUs <= 0 || backlogUs + leastUs <= deadlineUs - KeptUs(0, isTooSoon, arrivalUs, deadlineUs, nowUs) - nowUs))
                return null;
            AtTheDoor(nowUs - arrivalUs);
            Arrived(nowUs, latency is null ? null : deadlineUs - arrivalUs, 0, isRun: false);
            var refusal = isTooOld ? Overwhelmed(age, backlogUs) : TooLate(backlogUs, routing.RootCostUs[index]);
            return Refused($"q{(ulong)Interlocked.Increment(ref dispatcher._sequence)}", arrivalUs, refusal, isRun: false);
        }

        public override ValueTask<QueryResult> SubmitAsync(QueryRequest request, CancellationToken cancellationToken)
        {
            if (!request.Others.IsEmpty)
                return SubmitRowsAsync(request, cancellationToken);
            var nowUs = dispatcher._clock.NowUs;
            var arrivalUs = nowUs - (long)(request.Age ?? TimeSpan.Zero).TotalMicroseconds;
            var sequence = (ulong)Interlocked.Increment(ref dispatcher._sequence);
            // A uniform number that depends on the query's place only: the same trace takes the same paths.
            var key = ItemKeys.Root(dispatcher._seed, sequence - 1);
            var id = request.Id ?? $"q{sequence}";
            var deadlineUs = Deadline(request, arrivalUs);
            var ownUs = request.Latency is null ? (long?)null : deadlineUs - arrivalUs;
            if (request.Age is not null)
                AtTheDoor(nowUs - arrivalUs);
            if (!request.IsRetry)
                Arrived(nowUs, ownUs, request.MinAccuracy ?? 0, request.IgnoreSlo);
            // Asked once: whether there is a picture to decode does not change before the query is in its queue.
            var decodeUs = dispatcher.DecodeUs?.Invoke(request.Input) ?? 0;
            if (Admit(request, nowUs, deadlineUs, KeptUs(decodeUs, request.IsTooSoon, arrivalUs, deadlineUs, nowUs), HashRandom.Unit(key), out var rootVariant, out var refusal) is not { } routing)
            {
                request.Input.Dispose();
                return ValueTask.FromResult(Refused(id, arrivalUs, refusal, request.IgnoreSlo));
            }

            var query = Begin(request, request.Input, id, (nowUs, arrivalUs, deadlineUs), key, rootVariant, routing, decodeUs);
            return Await(query, query.Result, cancellationToken);
        }

        /// <summary>Sends an admitted query to its root.</summary>
        private PendingQuery Begin(
            QueryRequest request, QueryInput input, string id, (long NowUs, long ArrivalUs, long DeadlineUs) times, ulong key, int rootVariant, RoutingState routing, double decodeUs)
        {
            _metrics.Admitted();
            var query = new PendingQuery(id, Pipeline, input, dispatcher._clock, _metrics, routing.Table.Plan.Version, Ended)
            {
                // A program's own code may stay on the thread that it goes on with: only answers over a wire go on at once.
                Answers = request.Age is null ? null : dispatcher.Answers,
                Pipeline = index,
                ArrivalUs = times.ArrivalUs,
                WasOld = times.NowUs - times.ArrivalUs > Pipeline.SloUs / 4,
                DeadlineUs = times.DeadlineUs,
                OrderUs = Order(times.NowUs, times.DeadlineUs),
                IgnoresSlo = request.IgnoreSlo,
                MinAccuracy = request.MinAccuracy ?? 0,
                WantsProbabilities = request.WantsProbabilities,
                Arguments = request.Arguments,
            };
            // Held while it is sent: it may end as soon as others see it, and its input is read until it is in its queue.
            query.AddReference();
            dispatcher.Remember(query);
            var root = new StageItem
            {
                Scope = query, Task = 0, Variant = rootVariant, Key = key, Accuracy = Pipeline.Root.Variants[rootVariant].Accuracy,
                QueuedUs = times.NowUs - times.ArrivalUs,
            };
            dispatcher.Enter(root, decodeUs);
            query.Release();
            return query;
        }

        private void Arrived(long nowUs, long? ownUs, double minAccuracy, bool isRun)
        {
            _metrics.Arrived(isUrgent: !isRun);
            if (!isRun)
                dispatcher._monitor.Arrived(new Arrival(nowUs, index, ownUs, minAccuracy));
        }

        private QueryResult Refused(string id, long arrivalUs, in Refusal refusal, bool isRun)
        {
            if (!isRun && refusal.Outcome == QueryOutcome.Rejected)
                _metrics.Refused();
            // A run that is refused for load comes again: it is late, not lost.
            if (!isRun || refusal.Outcome == QueryOutcome.Invalid)
                _metrics.Ended(refusal.Outcome);
            return new QueryResult
            {
                Id = id, Outcome = refusal.Outcome, Error = refusal.Error, RetryAfter = refusal.RetryAfter,
                Latency = TimeSpan.FromMicroseconds(dispatcher._clock.NowUs - arrivalUs), PlanVersion = dispatcher._routing?.Table.Plan.Version ?? 0,
            };
        }

        /// <summary>Records the time from the first byte on, up to the SLO: a slow upload is the sender's fault, and says nothing about
        /// others.</summary>
        private void AtTheDoor(long us) => dispatcher._metrics.DoorUs.Record(Math.Min(us, Pipeline.SloUs));

        /// <summary>Returns the part of a query's time that admission keeps in reserve, microseconds: its own decoding, and the
        /// margin.</summary>
        private long KeptUs(double decodeUs, bool isTooSoon, long arrivalUs, long deadlineUs, long nowUs)
        {
            if (deadlineUs == long.MaxValue)
                return 0;
            var share = _margin.ShareAt(nowUs) + (isTooSoon ? WaitingShare : 0);
            return (long)(decodeUs + (share * (deadlineUs - arrivalUs)));
        }

        /// <summary>Returns the query's deadline: the caller's, shorter or longer than the SLO; else the SLO; none for a run.</summary>
        private long Deadline(QueryRequest request, long arrivalUs) =>
            request.Latency is { } latency ? arrivalUs + (long)(latency - request.Waited).TotalMicroseconds
            : request.IgnoreSlo ? long.MaxValue
            : arrivalUs + Pipeline.SloUs;

        private void Ended(PendingQuery query)
        {
            if (!query.WasOld && query.Outcome is (QueryOutcome.Completed or QueryOutcome.Expired))
            {
                _margin.Observe(
                    query.DeadlineUs - query.ArrivalUs, query.DeadlineUs, query.Outcome == QueryOutcome.Expired, Pipeline.SloUs,
                    LeastUs, dispatcher._clock.NowUs);
            }

            dispatcher.Forget(query);
        }
    }
}
