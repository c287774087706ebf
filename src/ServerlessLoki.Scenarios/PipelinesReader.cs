using ServerlessLoki.Pipelines;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reader of pipelines with their demand and fan-out.</summary>
internal static class PipelinesReader
{
    /// <param name="Pipeline">Pipeline as read.</param>
    /// <param name="DemandQps">Demand, queries per second; null = not given.</param>
    /// <param name="FanOut">Fan-out that planning assumes.</param>
    /// <param name="TrueFanOut">Real fan-out.</param>
    public sealed record Entry(Pipeline Pipeline, double? DemandQps, FanOut FanOut, FanOut TrueFanOut);

    public static List<Entry> Read(JsonValue value, bool needsDemand, ScenarioSource source)
    {
        var entries = new List<Entry>();
        foreach (var item in ScenarioSource.NotEmpty(value, "an array of at least one pipeline"))
        {
            if (!item.IsObjectWith("file", "pipeline", "sloMs", "demandQps", "fanOut", "trueFanOut"))
                continue;
            var given = needsDemand
                ? item.TryRequired("demandQps", "queries per second (may be left out where the scenario has traffic)", out var q)
                : item.TryOptional("demandQps", out q);
            var demand = given ? q.Number(0, 1e9) : null;
            var sloMs = item.TryOptional("sloMs", out var s) ? s.Number(PipelineReader.MinSloMs, PipelineReader.MaxSloMs) : null;
            if (Pipeline(item, source) is not { } pipeline)
                continue;
            if (entries.Exists(x => x.Pipeline.Name == pipeline.Name))
                item.Fault("two pipelines have the same name", $"\"{pipeline.Name}\"", "unique names");
            if (sloMs is { } ms)
                pipeline = pipeline.WithSlo((long)(ms * 1000));
            var believed = item.TryOptional("fanOut", out var f) ? FanOutReader.Read(f, pipeline) : FanOut.One(pipeline);
            var real = item.TryOptional("trueFanOut", out var t) ? FanOutReader.Read(t, pipeline) : believed;
            entries.Add(new Entry(pipeline, demand, believed, real));
        }

        return entries;
    }

    private static Pipeline? Pipeline(JsonValue item, ScenarioSource source)
    {
        var inline = item.TryOptional("pipeline", out var pipeline);
        var named = item.TryOptional("file", out var file);
        if (inline == named)
        {
            item.Fault(inline ? "both file and pipeline are given" : "no pipeline is given", null, "either \"file\" (path of a pipeline file) or \"pipeline\" (its content)");
            return null;
        }

        if (inline)
            return PipelineReader.Read(pipeline, source.Faults, transforms: null);
        if (source.Text(file) is not { } text)
            return null;
        var root = JsonValue.Parse(text, source.Faults, file.RawText + " ");
        return root is { } content ? PipelineReader.Read(content, source.Faults, transforms: null) : null;
    }
}
