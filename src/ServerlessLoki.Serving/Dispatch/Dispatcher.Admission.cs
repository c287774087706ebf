using System.Runtime.InteropServices;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Admission: a query that cannot be answered in time is refused at once, with the time to retry.</summary>
internal sealed partial class Dispatcher
{
    /// <summary>Retry time where the present plan cannot answer a query: two control periods later the plan may be another.</summary>
    internal static readonly TimeSpan PlanChangeIn = TimeSpan.FromSeconds(2);

    /// <summary>Retry time where no worker serves: the planner looks every ten seconds, and a container takes some seconds to
    /// start.</summary>
    internal static readonly TimeSpan WorkersIn = TimeSpan.FromSeconds(15);

    /// <summary>Retry time where a first profile makes a query impossible.</summary>
    private static readonly TimeSpan MeasuredAgainIn = TimeSpan.FromSeconds(10);

    private const string NoSlot = "The plan gives this pipeline no slot: its SLO cannot be kept on the machine as it is now, or other pipelines need the hardware.";

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Refusal(QueryOutcome Outcome, string Error, TimeSpan? RetryAfter);

    /// <summary>Makes the refusal of a query that waited too long before admission: more requests arrive than the host can even refuse at
    /// once. It is refused and not late, because it was never admitted.</summary>
    private static Refusal Overwhelmed(TimeSpan age, double backlogUs) => new(
        QueryOutcome.Rejected, $"The request waited {age.TotalMilliseconds:0} ms before it could be looked at, so it would miss its deadline.",
        TimeSpan.FromMicroseconds(Math.Max(backlogUs, age.TotalMicroseconds)));

    private static Refusal TooLate(double backlogUs, double costUs) => new(
        QueryOutcome.Rejected, $"About {backlogUs / 1000:0} ms of work wait before this query, so it would miss its deadline.",
        TimeSpan.FromMicroseconds(Math.Max(backlogUs, costUs)));

    private sealed partial class Door
    {
        /// <param name="request">Query to admit.</param>
        /// <param name="nowUs">Current time, microseconds.</param>
        /// <param name="deadlineUs">Deadline of the query, which is its place in the queues.</param>
        /// <param name="keptUs">Part of the query's time that is kept in reserve while work waits, microseconds.</param>
        /// <param name="u">Random number of the query, uniform in [0, 1).</param>
        /// <param name="rootVariant">Variant of the root task that the query starts on.</param>
        /// <param name="refusal">Reason of a refusal.</param>
        /// <param name="ahead">Rows of the same request that go before it.</param>
        private RoutingState? Admit(
            QueryRequest request, long nowUs, long deadlineUs, long keptUs, double u, out int rootVariant, out Refusal refusal, int ahead = 0)
        {
            rootVariant = -1;
            refusal = default;
            if (dispatcher._routing is not { } routing)
            {
                refusal = new Refusal(QueryOutcome.Unavailable, "The models are still being loaded.", TimeSpan.FromSeconds(1));
                return null;
            }

            if (deadlineUs != long.MaxValue && routing.Refusal(index) is { } reason)
            {
                refusal = new Refusal(QueryOutcome.Unavailable, reason, WorkersIn);
                return null;
            }

            var table = routing.Table;
            // A caller with more time than the SLO may still find a place: the standby variants run beside any plan.
            if (Unreachable() is { } unreachable
                && (request is { Latency: null, IgnoreSlo: false } || double.IsPositiveInfinity(table.MinRemainingUs(index, 0))))
            {
                refusal = Impossible(unreachable);
                return null;
            }

            if (double.IsPositiveInfinity(table.MinRemainingUs(index, 0)))
            {
                refusal = table.ServedShare(index) > 0
                    ? new Refusal(QueryOutcome.Unavailable, NobodyRuns(table), PlanChangeIn)
                    : new Refusal(QueryOutcome.Rejected, NoSlot, PlanChangeIn);
                return null;
            }

            var aheadUs = ahead * routing.RootCostUs[index];
            var backlogUs = aheadUs + routing.Waiting.BeforeUs(Order(nowUs, deadlineUs));
            if (CheckBounds(table, request, backlogUs) is { } impossible)
            {
                refusal = impossible;
                return null;
            }

            var drain = TimeSpan.FromMicroseconds(Math.Max(backlogUs, routing.RootCostUs[index]));
            var query = new AdmissionQuery(
                index, u, request.MinAccuracy ?? 0, deadlineUs == long.MaxValue ? double.MaxValue : deadlineUs - nowUs, keptUs, Comfort.HostShare);
            var decision = Admission.Decide(table, query, dispatcher.PendingCount + ahead >= dispatcher._maxPending,
                new Backlog(routing, index, backlogUs, aheadUs, nowUs + dispatcher._longestSloUs));
            rootVariant = decision.Variant;
            refusal = decision.Refusal switch
            {
                AdmissionRefusal.None => default,
                AdmissionRefusal.Full => new Refusal(QueryOutcome.Rejected, $"{dispatcher._maxPending} queries are already waiting.", drain),
                AdmissionRefusal.GivesWay => new Refusal(
                    QueryOutcome.Rejected, $"Several pipelines ask for more than the hardware can serve, and {Pipeline.Name} has its part of it already.", drain),
                _ => TooLate(backlogUs, routing.RootCostUs[index]),
            };
            return rootVariant < 0 ? null : routing;
        }

        /// <summary>Waiting work as seen by one query. Slots share the cores, so all work waits before every variant.</summary>
        [StructLayout(LayoutKind.Auto)]
        private readonly record struct Backlog(RoutingState Routing, int Pipeline, double Us, double AheadUs, long UntilUs) : IBacklog
        {
            public bool IsEmpty => Us <= 0;

            public double BeforeUs(int variant) => Us;

            public (double AllUs, double OwnUs) Shared() => (AheadUs + Routing.Waiting.BeforeUs(UntilUs), AheadUs + Routing.Waiting.BeforeUs(UntilUs, Pipeline));
        }

        /// <summary>Returns why the pipeline cannot be answered within its SLO, see <see cref="Dispatcher.Unreachable"/>.</summary>
        public string? Unreachable()
        {
            var (leastUs, graph) = (LeastUs, Pipeline);
            return leastUs <= graph.SloUs
                ? null
                : $"Pipeline {graph.Name} cannot be served: its SLO is {graph.SloUs / 1000.0:0.###} ms, but its fastest path needs {leastUs / 1000:0.###} ms. "
                    + "Raise sloMs or add a faster variant.";
        }

        /// <summary>Makes the refusal of a query that no variant can answer in time. It is temporary while latencies were measured only
        /// once, perhaps on a busy machine.</summary>
        private Refusal Impossible(string why) => dispatcher._isProven
            ? new Refusal(QueryOutcome.Invalid, why, null)
            : new Refusal(QueryOutcome.Unavailable, $"{why} This machine was measured once so far, and is measured again.", MeasuredAgainIn);

        private Refusal? CheckBounds(RoutingTable table, QueryRequest request, double backlogUs)
        {
            if (request.Latency is { } latency)
            {
                var leastUs = LeastUs;
                if (latency.TotalMicroseconds < leastUs)
                {
                    return Impossible($"latency_ms is {latency.TotalMilliseconds:0.###}, but the fastest path needs {leastUs / 1000:0.###} ms.");
                }

                // What is too short only now, or because the query has waited before, is late and not wrong.
                if (latency - request.Waited - (request.Age ?? TimeSpan.Zero) is var left && left.TotalMicroseconds < table.MinRemainingUs(index, 0))
                {
                    if (request.AgeAtHeaders > latency / 2)
                        return Overwhelmed(request.AgeAtHeaders, backlogUs);
                    return new Refusal(
                        QueryOutcome.Expired,
                        $"{left.TotalMilliseconds:0.###} ms are left, but the fastest path needs {table.MinRemainingUs(index, 0) / 1000:0.###} ms at present.",
                        null);
                }
            }

            else if (!request.IgnoreSlo && request.Age > TimeSpan.FromMicroseconds(Pipeline.SloUs))
            {
                return request.AgeAtHeaders > TimeSpan.FromMicroseconds(Pipeline.SloUs / 2.0)
                    ? Overwhelmed(request.AgeAtHeaders, backlogUs)
                    : new Refusal(QueryOutcome.Expired, "The deadline passed before the request had arrived.", null);
            }

            if (request.MinAccuracy is not { } wanted)
                return null;
            var possible = _bestAccuracy;
            if (wanted > possible + 1e-9)
            {
                return new Refusal(
                    QueryOutcome.Invalid, $"min_accuracy is {wanted:0.####}, but with the most accurate variants every branch reaches {possible:0.####}.", null);
            }

            var deployed = table.BestAccuracy(index);
            return wanted > deployed + 1e-9
                ? new Refusal(QueryOutcome.Unavailable, TooInaccurate(wanted, deployed), PlanChangeIn)
                : null;
        }

        private string NobodyRuns(RoutingTable table)
        {
            var task = 0;
            while (!table.Options(index, task).IsEmpty)
                task++;
            return dispatcher.NobodyRuns(index, task);
        }
    }

    private string NobodyRuns(int pipeline, int task) => $"No variant of task {_pipelines[pipeline].Tasks[task].Name} can be run at present.";

    private static string TooInaccurate(double wanted, double deployed) =>
        $"min_accuracy is {wanted:0.####}, but under the present load the plan answers with at most {deployed:0.####}.";
}
