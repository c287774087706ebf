using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.TestData;

/// <summary>The ResNet service of InfAdapter's profiles, read from the public data.</summary>
internal static class InfAdapterInstance
{
    public static readonly string[] Names = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"];

    /// <param name="demandQps">λ.</param>
    /// <param name="cores">B.</param>
    /// <param name="previous">[variant] cores that run now.</param>
    public static PlanningProblem Problem(double demandQps, int cores, int[] previous)
    {
        var variants = ResearchData.Rows("infadapter/variants.csv").ToDictionary(r => r["variant"], StringComparer.Ordinal);
        var capacity = ResearchData.Rows("infadapter/effective_capacity_750ms.csv");
        return Problem(
            demandQps, cores, previous, Names, [.. Names.Select(n => Number(variants[n]["accuracy_top1_fraction"]))],
            [.. Names.Select(n => Number(variants[n]["load_time_s"]))], [.. Names.Select(n => capacity.Select(r => Number(r[n])).ToImmutableArray())], minCores: 2);
    }

    public static PlanningProblem Problem(
        double demandQps, int cores, int[] previous, string[] names, double[] accuracy, double[] loadSeconds, ImmutableArray<double>[] capacity, int minCores)
    {
        var variants = string.Join(", ", names.Select((n, i) => $$"""{"name": "{{n}}", "model": "m.onnx", "accuracy": {{accuracy[i]}}}"""));
        var pipeline = TestPipelines.Read(
            $$"""
            { "name": "images", "sloMs": 750, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
              "tasks": [ {"name": "classify", "variants": [{{variants}}]} ] }
            """);
        return new PlanningProblem
        {
            Pipelines = [new PipelineDemand(pipeline, demandQps, FanOut.One(pipeline))],
            Devices = [new DeviceType("cpu", cores)],
            Profile = new LatencyProfile(names.Select(n => new ProfileRow(n, "cpu", 1, 100, 100, 100, 100))),
            Cores = new CoreProfile
            {
                CapacityQps = names.Zip(capacity).ToImmutableDictionary(x => x.First, x => x.Second, StringComparer.Ordinal),
                LoadTime = names.Zip(loadSeconds).ToImmutableDictionary(x => x.First, x => TimeSpan.FromSeconds(x.Second), StringComparer.Ordinal),
                MinCores = minCores,
            },
            Previous = Running(pipeline, previous),
        };
    }

    /// <summary>[variant] cores of a plan.</summary>
    public static int[] Cores(Plan plan, int variants) =>
        [.. Enumerable.Range(0, variants).Select(v => plan.Slots.Where(s => s.Variant == v).Sum(s => s.SlotsTaken))];

    private static Plan Running(Pipeline pipeline, int[] cores) => new()
    {
        Policy = "test",
        Slots = [.. pipeline.Root.Variants.Where(v => cores[v.Index] > 0).Select(v => new SlotGroup(0, 0, v.Index, 0, 1, 1, 1, 0, 1) { Cores = cores[v.Index] })],
        Flows = [],
        ServedShare = [1],
        Accuracy = 1,
        DemandQps = [1],
        Proof = new PlanProof(0, 0, "test", 0, "test"),
    };

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
