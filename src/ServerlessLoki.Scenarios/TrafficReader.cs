using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads the traffic to choose from: each is one part or a mixture of several.</summary>
internal sealed class TrafficReader(string[] pipelines, ScenarioSource source)
{
    private static readonly string[] Kinds = ["poisson", "gamma", "modulated", "diurnal", "step", "rates", "timestamps", "clients"];

    public List<ScenarioTrace> Read(JsonValue value)
    {
        var traces = new List<ScenarioTrace>();
        foreach (var item in ScenarioSource.NotEmpty(value, "an array of at least one traffic"))
        {
            if (!item.IsObjectWith("name", "parts"))
                continue;
            var name = item.TryRequired("name", "a text", out var n) ? n.Text() : null;
            if (name is not null && traces.Exists(t => t.Name == name))
                n.Fault("two traffics have the same name", $"\"{name}\"", "unique names");
            var parts = item.TryRequired("parts", "an array of at least one part", out var p)
                ? ScenarioSource.NotEmpty(p, "an array of at least one part").Select(Part).OfType<IArrivals>().ToList()
                : [];
            if (parts.Count > 0)
                traces.Add(new ScenarioTrace(name ?? "", parts.Count == 1 ? parts[0] : Arrivals.Merge(parts)));
        }

        return traces;
    }

    private IArrivals? Part(JsonValue item)
    {
        if (!item.IsObject)
        {
            item.IsObjectWith("kind");
            return null;
        }

        var kind = item.TryRequired("kind", string.Join(", ", Kinds), out var k) ? k.OneOf(Kinds) : null;
        return kind switch
        {
            "poisson" => Keys(item, "qps", "seconds") ? Poisson(item) : null,
            "gamma" => Keys(item, "qps", "seconds", "squaredCv") ? Poisson(item) : null,
            "modulated" => Keys(item, "states", "seconds") ? Modulated(item) : null,
            "diurnal" => Keys(item, "lowQps", "highQps", "periodSeconds", "seconds", "squaredCv") ? Diurnal(item) : null,
            "step" => Keys(item, "steps", "squaredCv") ? Step(item) : null,
            "rates" => Keys(item, "csv", "column", "qps", "counts", "stepSeconds", "scale", "meanQps", "rangeQps", "squaredCv") ? new RatesReader(source).Read(item, Pipeline(item)) : null,
            "clients" => Keys(item, "count", "seconds", "phases", "thinkMs", "think", "retryMs") ? Arrivals.Clients(new ClientsReader(Pipeline(item)).Read(item)) : null,
            "timestamps" => Keys(item, "csv", "speed", "timeColumn", "timeUnit", "fromSeconds", "seconds") ? new TimestampsReader(pipelines, source).Read(item) : null,
            _ => null,
        };
    }

    private static bool Keys(JsonValue item, params string[] keys) => item.IsObjectWith(["kind", "pipeline", .. keys]);

    private int Pipeline(JsonValue item)
    {
        // Without pipelines the fault is theirs.
        if (pipelines.Length == 0 || (pipelines.Length == 1 && !item.TryOptional("pipeline", out _)))
            return 0;
        var name = item.TryRequired("pipeline", string.Join(", ", pipelines), out var p) ? p.OneOf(pipelines) : null;
        return Math.Max(0, Array.IndexOf(pipelines, name));
    }

    private IArrivals Poisson(JsonValue item) =>
        Arrivals.Gamma(Rate(item, "qps"), SquaredCv(item), Length(item, "seconds"), Pipeline(item));

    private IArrivals Modulated(JsonValue item)
    {
        var states = item.TryRequired("states", "an array of rates with their mean stay", out var s) ? ScenarioSource.NotEmpty(s, "an array of at least one state") : [];
        var read = states.Where(x => x.IsObjectWith("qps", "meanSeconds")).Select(x => (Rate(x, "qps"), Length(x, "meanSeconds"))).ToList();
        var (length, pipeline) = (Length(item, "seconds"), Pipeline(item));
        return read.Count == 0 ? Arrivals.Poisson(0, length, pipeline) : Arrivals.MarkovModulated(read, length, pipeline);
    }

    private IArrivals Diurnal(JsonValue item)
    {
        var (low, high) = (Rate(item, "lowQps"), Rate(item, "highQps"));
        if (low > high)
            item.Fault("lowQps is above highQps", $"{low} and {high}", "lowQps of at most highQps");
        return Arrivals.Diurnal(Math.Min(low, high), high, Length(item, "periodSeconds"), Length(item, "seconds"), SquaredCv(item), Pipeline(item));
    }

    // A step may climb: then each of its seconds has its own rate.
    private IArrivals Step(JsonValue item)
    {
        var steps = item.TryRequired("steps", "an array of rates with their length", out var s) ? ScenarioSource.NotEmpty(s, "an array of at least one step") : [];
        var rates = new List<double>();
        foreach (var step in steps.Where(x => x.IsObjectWith("qps", "toQps", "seconds")))
        {
            var from = Rate(step, "qps");
            var to = step.TryOptional("toQps", out var t) ? t.Number(0, 1e9) ?? from : from;
            var seconds = step.TryRequired("seconds", "whole seconds", out var l) ? l.Integer(1, 10_000_000) ?? 1 : 1;
            for (var i = 0; i < seconds; i++)
                rates.Add(from + ((to - from) * (i + 0.5) / seconds));
        }

        return Arrivals.Replay(rates, squaredCv: SquaredCv(item), pipeline: Pipeline(item));
    }

    private static double Rate(JsonValue item, string key) =>
        (item.TryRequired(key, "queries per second", out var q) ? q.Number(0, 1e9) : null) ?? 0;

    private static TimeSpan Length(JsonValue item, string key) =>
        TimeSpan.FromSeconds((item.TryRequired(key, "seconds above 0", out var s) ? s.Number(0.001, 1e9) : null) ?? 1);

    private static double SquaredCv(JsonValue item) => (item.TryOptional("squaredCv", out var c) ? c.Number(0, 1e6) : null) ?? 1;
}
