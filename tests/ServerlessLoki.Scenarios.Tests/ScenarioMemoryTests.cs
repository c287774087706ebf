using ServerlessLoki.Solver;
using static ServerlessLoki.Scenarios.Tests.ScenarioTexts;

namespace ServerlessLoki.Scenarios.Tests;

/// <summary>Memory of slots and of variants, which says what a slot keeps at once.</summary>
public sealed class ScenarioMemoryTests
{
    [Fact]
    public void Read_Memory_TakenOfDevicesAndVariants()
    {
        var scenario = ScenarioReader.Read(Scenario(1024, """, "memoryMiB": 700""", ""","memoryMiB": 0.5"""), "s.json", _ => Trace);

        Assert.Equal(1024, scenario.Problem.Devices[0].MemoryMiB);
        var variants = scenario.Problem.Pipelines[0].Pipeline.Root.Variants;
        Assert.Equal([700, 0.5], variants.Select(v => v.MemoryMiB!.Value));
    }

    [Fact]
    public void Read_NoMemory_NothingIsLimited()
    {
        var scenario = Full();

        Assert.Null(scenario.Problem.Devices[0].MemoryMiB);
        Assert.All(scenario.Problem.Pipelines[0].Pipeline.Root.Variants, v => Assert.Null(v.MemoryMiB));
    }

    [Fact]
    public void Read_VariantsThatDoNotFitOrDoNotSay_EachIsNamedWithItsCure()
    {
        var faults = Faults(Scenario(512, ""","memoryMiB": 700""", ""));

        Assert.Equal(2, faults.Length);
        Assert.Contains("$.pipelines[0]", faults[0], StringComparison.Ordinal);
        Assert.Contains("\"v1\" of task \"a\" is profiled on \"gpu\", whose slots cannot hold it", faults[0], StringComparison.Ordinal);
        Assert.Contains("memoryMiB 700", faults[0], StringComparison.Ordinal);
        Assert.Contains("at most 512", faults[0], StringComparison.Ordinal);
        Assert.Contains("what variant \"v2\" of task \"a\" takes of it is not said", faults[1], StringComparison.Ordinal);
        Assert.Contains("memoryMiB of the variant, or no memoryMiB of the device type", faults[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("\"much\"")]
    public void Read_MemoryOfADeviceOutOfBounds_Refused(string memory)
    {
        var fault = Assert.Single(Faults(Scenario(1, "", "").Replace("\"memoryMiB\": 1 }", $"\"memoryMiB\": {memory} }}", StringComparison.Ordinal)));

        Assert.Contains("$.devices[0].memoryMiB", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"buckets": 0}""", "$.policies[0].options.buckets")]
    [InlineData("""{"bucket": 3}""", "$.policies[0].options")]
    public void Read_BadOptionsOfSlackFit_Refused(string options, string path)
    {
        var json = Scenario(1024, ""","memoryMiB": 1""", ""","memoryMiB": 1""");

        var fault = Assert.Single(Faults(json.Replace("\"name\": \"n\",", $$""" "name": "n", "policies": [ {"policy": "slackfit", "options": {{options}} } ],""", StringComparison.Ordinal)));

        Assert.Contains(path, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BucketsOfSlackFit_ReachItsPlans()
    {
        var json = Scenario(1024, ""","memoryMiB": 1""", ""","memoryMiB": 1""")
            .Replace("\"name\": \"n\",", """ "name": "n", "policies": [ {"label": "own", "policy": "slackfit", "options": {"buckets": 3} } ],""", StringComparison.Ordinal);
        var scenario = ScenarioReader.Read(json, "s.json", _ => Trace);

        var plan = scenario.Setup("own").Create(new BranchAndBoundSolver(), null).Plan(scenario.Problem, TestContext.Current.CancellationToken);

        Assert.Equal(3, plan.Slots[0].Resident!.Buckets);
    }

    private static string Scenario(double slot, string first, string second) =>
        $$"""
        { "name": "n",
          "pipelines": [ {"demandQps": 1, "pipeline": { "name": "p", "sloMs": 100, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
            "tasks": [ {"name": "a", "variants": [{"name": "v1", "model": "m", "accuracy": 0.5{{first}} }, {"name": "v2", "model": "m", "accuracy": 1{{second}} }]} ] } } ],
          "devices": [ {"name": "gpu", "slots": 4, "memoryMiB": {{slot}} } ],
          "profile": {"rows": [ {"variant": "v1", "device": "gpu", "batch": 1, "p50Ms": 3}, {"variant": "v2", "device": "gpu", "batch": 1, "p50Ms": 1} ]} }
        """;
}
