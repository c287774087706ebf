using System.Runtime.InteropServices;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Counter of runs in the demand that an ingress reports.</summary>
internal sealed class RunDemand(PipelineIndex index, ServingMetrics metrics, IngressMonitor monitor, FanOutCounter fanOut, ServingClock clock) : IRunDemand
{
    public void Waits(string pipeline)
    {
        var i = index.Pipelines.IndexOf(index.Pipelines.FirstOrDefault(p => p.Name == pipeline)!);
        if (i < 0)
            return;
        metrics.Pipelines[i].Arrived();
        monitor.Arrived(new Arrival(clock.NowUs, i));
    }

    public void Answered(StageReply reply)
    {
        var id = index.Find(reply.Pipeline, reply.Task, reply.Variant);
        fanOut.Count(id.Pipeline, id.Task, id.Variant, ImmutableCollectionsMarshal.AsArray(reply.Rows) ?? []);
    }
}
