using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Requests of several rows: each row is a query, and all are admitted or none.</summary>
internal sealed partial class Dispatcher
{
    private sealed partial class Door
    {
        private async ValueTask<QueryResult> SubmitRowsAsync(QueryRequest request, CancellationToken cancellationToken)
        {
            ImmutableArray<QueryInput> inputs = [request.Input, .. request.Others];
            var nowUs = dispatcher._clock.NowUs;
            var arrivalUs = nowUs - (long)(request.Age ?? TimeSpan.Zero).TotalMicroseconds;
            var deadlineUs = Deadline(request, arrivalUs);
            if (request.Age is not null)
                AtTheDoor(nowUs - arrivalUs);
            var last = (ulong)Interlocked.Add(ref dispatcher._sequence, inputs.Length);
            var first = last - (ulong)inputs.Length;
            var id = request.Id ?? $"q{first + 1}";
            if (!request.IsRetry)
            {
                foreach (var _ in inputs)
                    Arrived(nowUs, request.Latency is null ? null : deadlineUs - arrivalUs, request.MinAccuracy ?? 0, request.IgnoreSlo);
            }

            var rows = new AdmittedRow[inputs.Length];
            var decodeUs = 0.0;
            for (var i = 0; i < rows.Length; i++)
            {
                var (key, ownUs) = (ItemKeys.Root(dispatcher._seed, first + (ulong)i), dispatcher.DecodeUs?.Invoke(inputs[i]) ?? 0);
                // The pictures before it are decoded first.
                decodeUs += ownUs;
                var keptUs = KeptUs(decodeUs, request.IsTooSoon, arrivalUs, deadlineUs, nowUs);
                var routing = Admit(request, nowUs, deadlineUs, keptUs, HashRandom.Unit(key), out var variant, out var refusal, ahead: i);
                if (routing is null)
                    return RefusedAll(inputs, id, arrivalUs, refusal, request.IgnoreSlo);
                rows[i] = new AdmittedRow(key, variant, ownUs, routing);
            }

            var queries = new PendingQuery[rows.Length];
            for (var i = 0; i < queries.Length; i++)
            {
                var row = rows[i];
                queries[i] = Begin(request, inputs[i], id, (nowUs, arrivalUs, deadlineUs), row.Key, row.Variant, row.Routing, row.DecodeUs);
            }

            return await new RowGroup(queries).ResultAsync(id, cancellationToken);
        }

        private QueryResult RefusedAll(ImmutableArray<QueryInput> inputs, string id, long arrivalUs, Refusal refusal, bool isRun)
        {
            if (inputs.Length > dispatcher._maxPending)
            {
                refusal = new Refusal(
                    QueryOutcome.Invalid, $"The request has {inputs.Length} rows, but at most {dispatcher._maxPending} queries are pending at a time. Send fewer rows in a request.", null);
            }

            foreach (var input in inputs)
                input.Dispose();
            foreach (var _ in inputs[1..])
                Refused(id, arrivalUs, refusal, isRun);
            return Refused(id, arrivalUs, refusal, isRun);
        }

        [StructLayout(LayoutKind.Auto)]
        private readonly record struct AdmittedRow(ulong Key, int Variant, double DecodeUs, RoutingState Routing);
    }
}
