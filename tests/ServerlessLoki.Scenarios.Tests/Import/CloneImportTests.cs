using System.Formats.Tar;
using System.Globalization;
using ICSharpCode.SharpZipLib.BZip2;
using ServerlessLoki.Scenarios.Import;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Scenarios.Tests.Import;

/// <summary>Repositories as their authors laid them out, with made figures in them.</summary>
public sealed class CloneImportTests
{
    /// <summary>Counts to the last second that is taken.</summary>
    private static readonly Lazy<byte[]> Archive = new(() => TarBz2(string.Join('\n', Enumerable.Range(0, 1_389_600).Select(i => i * 7919L % 4))));
    private readonly MadeFolder _clone = new();

    [Fact]
    public void Proteus_EachTraceIsACase_AndEachFamilyHasTheObjectiveOfItsQueries()
    {
        Proteus();
        Assert.Equal(["medium-normal_load/300", "low_load/1.5x"], ScenarioImport.Cases("proteus", _clone));

        var scenario = Read("proteus", "low_load/1.5x");
        var pipelines = scenario.Problem.Pipelines;
        Assert.Equal([("bert", 113_000L), ("yolo", 45_000L)], pipelines.Select(p => (p.Pipeline.Name, p.Pipeline.SloUs)));
        Assert.Equal([("roberta", 0.9), ("albert-base", 1.0)], pipelines[0].Pipeline.Root.Variants.Select(v => (v.Name, v.Accuracy)));
        Assert.Equal([20, 10, 10], scenario.Problem.Devices.Select(d => d.Slots));
        Assert.Equal(4, scenario.Problem.Profile.Find("albert-base", "cpu")!.LatencyUs(1) / 1000);
        var stream = scenario.Trace().Arrivals.Open(1);
        Assert.True(stream.TryNext(out var first));
        Assert.True(stream.TryNext(out var second));
        Assert.Equal(((7_000L, 1), (9_000L, 0)), ((first.AtUs, first.Pipeline), (second.AtUs, second.Pipeline)));

        // The main one is taken when none is named; a family without queries takes no part.
        Assert.Equal(["yolo"], Read("proteus").Problem.Pipelines.Select(p => p.Pipeline.Name));
    }

    [Fact]
    public void Proteus_LinesThatAreNoQueries_AreAllNamed()
    {
        Proteus();
        _clone.With("traces/twitter/asplos/low_load/1.5x/bert.txt", "7,1,113\nseven,1,113\n\n9,1\n");
        var refused = Assert.Throws<ScenarioFormatException>(() => Read("proteus", "low_load/1.5x"));
        Assert.Equal(
            ["traces/twitter/asplos/low_load/1.5x/bert.txt line 2", "traces/twitter/asplos/low_load/1.5x/bert.txt line 4"], refused.Faults.Select(f => f.Path));
    }

    [Fact]
    public void Loki_GraphFanOutAndObjective_AreThoseOfTheApplication()
    {
        Loki();
        var scenario = Read("loki");
        var problem = scenario.Problem.Pipelines.Single();
        Assert.Equal(("traffic_analysis", 250_000L), (problem.Pipeline.Name, problem.Pipeline.SloUs));
        Assert.Equal(["object_detection", "car_classification", "facial_recognition"], problem.Pipeline.Tasks.Select(t => t.Name));
        // b7 has no profile.
        Assert.Equal(["efficientnet-b0"], problem.Pipeline.Tasks[1].Variants.Select(v => v.Name));
        Assert.Equal([4 * 0.75, 10 * 0.9], [problem.FanOut[0, 0], problem.FanOut[0, 1]]);
        Assert.Equal([4 * 0.25, 10 * 0.1], [problem.FanOut[1, 0], problem.FanOut[1, 1]], (x, y) => Math.Abs(x - y) < 1e-12);
        Assert.Equal(["traffic_analysis", "social_media"], ScenarioImport.Cases("loki", _clone));
        var social = Read("loki", "social_media").Problem.Pipelines.Single();
        Assert.Equal([1.0], [social.FanOut[0, 0]]);
    }

    [Theory]
    [InlineData("750", 750_000L)]
    [InlineData("500", 500_000L)]
    public void InfAdapter_CapacityIsTheControllersLineLessItsHeadRoom(string chosen, long sloUs)
    {
        InfAdapter();
        var scenario = Read("infadapter", chosen);
        Assert.Equal(sloUs, scenario.Problem.Pipelines[0].Pipeline.SloUs);
        var capacity = scenario.Problem.Cores!.CapacityQps["resnet18"];
        Assert.Equal(21, capacity.Length);
        // 10.3 a core less 5.5, whose fraction is cut, and 0.8 of it in whole requests.
        Assert.Equal(Enumerable.Range(0, 21).Select(n => n == 0 ? 0 : Math.Floor(0.8 * (chosen == "750" ? (10.3 * n) - 5 : (5.07 * n) - 2))), capacity);
        Assert.Equal(["evaluation-main", "evaluation-alternative"], scenario.Traces.Select(t => t.Name));
        Assert.Equal(1260, scenario.Trace().Arrivals.Open(1) is var stream ? Seconds(stream) : 0, 2.0);
    }

    [Fact]
    public void Ipa_EachPipelineWithProfiles_AndFourStretchesOfTheCounts()
    {
        Ipa();
        var scenario = Read("ipa");
        var pipeline = scenario.Problem.Pipelines.Single().Pipeline;
        // Five times the mean of what the variants of each stage take alone, 100 % margin on latencies included.
        Assert.Equal(5 * (((0.1 + 0.3) / 2) + 0.2) * 2 * 1e6, pipeline.SloUs, 1.0);
        Assert.Equal([0.5874, 0.65], pipeline.Tasks[0].Variants.Select(v => v.Accuracy), (x, y) => Math.Abs(x - y) < 1e-12);
        Assert.Equal(0.829, pipeline.Tasks[1].Variants.Single().Accuracy, 1e-12);
        Assert.Equal(["bursty", "steady-low", "steady-high", "fluctuating"], scenario.Traces.Select(t => t.Name));
    }

    [Fact]
    public void Ipa_WithoutProfiles_SaysThatTheRepositoryHasNone()
    {
        Ipa();
        _clone.Remove("profile_base_allocation.csv");
        var refused = Assert.Throws<ScenarioFormatException>(() => Read("ipa"));
        Assert.Contains(refused.Faults, f => f.ToString().Contains("with profiles at its top (columns pipeline,stage,variant,cores,batch,throughput_rps,latency_p99_s)", StringComparison.Ordinal)
            && f.ToString().Contains("no file profile_base_allocation.csv", StringComparison.Ordinal));
    }

    [Fact]
    public void Ipa_ChainFollowsTheSettings_NotTheRowsOfTheProfile()
    {
        Ipa();
        _clone.With("profile_base_allocation.csv", "pipeline,stage,variant,cores,batch,throughput_rps,latency_p99_s\naudio-qa,qa,base,1,1,90,0.2\naudio-qa,audio,small,1,1,50,0.1\n");
        Assert.Equal(["audio", "qa"], Read("ipa").Problem.Pipelines.Single().Pipeline.Tasks.Select(t => t.Name));

        _clone.With("data/configs/final/sample-audio-qa.yaml", "pipeline_name: audio-qa\nnodes:\n  - node_name: audio\nsla_factor: 5\nalpha: 10\nbeta: 0.5\nlatency_margin: 100\nthroughput_margin: -50\n");
        Assert.Contains("nodes are not the stages that are profiled; found audio", Assert.Throws<ScenarioFormatException>(() => Read("ipa")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loki_VariantWithoutFanOut_IsAFaultAndNotOne()
    {
        Loki();
        _clone.With("profiling/profiled/branching.csv", ",model,mult_factor,car_classification,facial_recognition\n0,yolov5n,4,0.75,0.25\n");
        var fault = Assert.Single(Assert.Throws<ScenarioFormatException>(() => Read("loki")).Faults);
        Assert.Equal("profiling/profiled/branching.csv: mult_factor of variants of object_detection is missing; found yolov5x; allowed: a row for each variant of a task, or none", fault.ToString());
    }

    [Theory]
    [InlineData("loki", "src/simulator/traces/apps/traffic_analysis/traffic_analysis.json", "{", "not JSON")]
    [InlineData("loki", "src/simulator/traces/apps/traffic_analysis/traffic_analysis.json", "[]", "not an object; found Array")]
    [InlineData("loki", "src/simulator/traces/apps/traffic_analysis/traffic_analysis.json", "{\"latencySLOInMSec\": 250}", "$: there is no \"root\"; found latencySLOInMSec")]
    [InlineData("loki", "src/simulator/traces/apps/traffic_analysis/traffic_analysis.json", "{\"latencySLOInMSec\": \"soon\", \"root\": {\"task\": \"object_detection\", \"children\": []}}", "$.latencySLOInMSec: not a number; found String")]
    [InlineData("loki", "src/simulator/traces/apps/traffic_analysis/traffic_analysis.json", "{\"root\": {\"task\": 1}}", "$.root.task: not a text; found Number")]
    [InlineData("loki", "src/simulator/profiling/simulator_runtimes.csv", "Model,Accel,batchsize,50th_pct\nyolov5n,cpu,1,fast\n", "50th_pct is not a number in range; found \"fast\"")]
    [InlineData("loki", "src/simulator/traces/model_variants/traffic_analysis/object_detection", "yolov5n", "wrong number of columns; found 1; allowed: 2")]
    [InlineData("infadapter", "auto_tuner/starter.py", "baseline_accuracies = {}", "there is no baseline_accuracies")]
    [InlineData("infadapter", "auto_tuner/starter.py", "baseline_accuracies = { 34: 0.7 }\nload_times = { 34: 3 }", "capacities of 34 at 750 ms are missing")]
    [InlineData("infadapter", "auto_tuner/starter.py", "baseline_accuracies = { 99999999999: 0.7 }\nload_times = { 34: 3 }", "there is no baseline_accuracies")]
    [InlineData("infadapter", "auto_tuner/adapter/capacity_result_Feb_21.csv", "ARCH,CPU,SLA,capacity,saturation_tp\n18,1,750,5,12\n18,2,750,9,many\n", "saturation_tp is not a number in range")]
    [InlineData("infadapter", "auto_tuner/adapter/capacity_result_Feb_21.csv", "ARCH,CPU,SLA,capacity,saturation_tp\n18,1,750,5,12\n18,1,750,9,12\n", "capacities of 18 at 750 ms are missing; found 1")]
    [InlineData("ipa", "data/configs/accuracies.yaml", "audio-qa: [", "not YAML")]
    [InlineData("ipa", "data/configs/final/sample-audio-qa.yaml", "pipeline_name: audio-qa\n", "latency_margin is no number")]
    [InlineData("ipa", "profile_base_allocation.csv", "pipeline,stage\naudio-qa,audio\n", "column variant is missing")]
    [InlineData("ipa", "load_tester/barazmoon/twitter/workload.txt", "1 2 x", "count 3 is no whole number")]
    [InlineData("proteus", "profiling/aggregate_profiled.csv", "Model,Accel,batchsize,50th_pct\nroberta,onnxruntime_cpu,one,10\n", "batchsize is not a number in range; found \"one\"")]
    [InlineData("proteus", "traces/model_variants/yolo", "yolov5n,best\n", "value is not a number in range; found \"best\"")]
    public void Read_FileThatIsDamaged_IsOneClearRefusal(string system, string path, string text, string expected)
    {
        new Dictionary<string, Action> { ["loki"] = Loki, ["infadapter"] = InfAdapter, ["ipa"] = Ipa, ["proteus"] = Proteus }[system]();
        _clone.With(path, text);

        var refused = Assert.Throws<ScenarioFormatException>(() => Read(system));

        Assert.Contains(refused.Faults, f => f.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("mobilenet")]
    [InlineData("resnet18,0.7,3\nresnet18")]
    public void InfAdapter_TableOfOtherVariants_IsRefused(string variant)
    {
        _clone.With("variants.csv", $"variant,accuracy_top1_fraction,load_time_s\n{variant},0.7,3\n").With("effective_capacity_750ms.csv", "cores\n1\n").With("capacity_profile.csv", "ARCH\n1\n");
        Assert.Contains("not a variant of the family", Assert.Throws<ScenarioFormatException>(() => Read("infadapter")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("infadaptor", null, "did you mean \"infadapter\"?")]
    [InlineData("infadapter", "75", "did you mean \"750\"?")]
    public void Read_UnknownName_SaysWhichThereAre(string system, string? chosen, string message)
    {
        InfAdapter();
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => ScenarioImport.Read(system, "x", _clone, chosen)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnotherFolder_SaysWhatEachLayoutLacks()
    {
        var refused = Assert.Throws<ScenarioFormatException>(() => Read("loki"));
        Assert.Equal(2, refused.Faults.Length);
        Assert.Contains(refused.Faults, f => f.ToString().Contains("not a clone of github.com/UMass-LIDS/Loki; found no file src/simulator/profiling/simulator_runtimes.csv", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_TablesWithOtherColumns_ListsWhatIsMissing()
    {
        foreach (var file in (string[])["variants.csv", "effective_capacity_750ms.csv", "capacity_profile.csv"])
            _clone.With(file, "variant,speed\nresnet18,1\n");
        var refused = Assert.Throws<ScenarioFormatException>(() => Read("infadapter"));
        Assert.Contains("variants.csv line 1: column accuracy_top1_fraction is missing; found variant,speed", refused.Faults.Select(f => f.ToString()));
        Assert.Contains("variants.csv line 1: column load_time_s is missing; found variant,speed", refused.Faults.Select(f => f.ToString()));
    }

    private Scenario Read(string system, string? chosen = null) => ScenarioImport.Read(system, "x", _clone, chosen).Read(system);

    private static double Seconds(ArrivalStream stream)
    {
        var last = 0L;
        while (stream.TryNext(out var arrival))
            last = arrival.AtUs;
        return last / 1e6;
    }

    private void Proteus() => _clone
        .With("profiling/aggregate_profiled.csv", "Model,Accel,batchsize,50th_pct\nroberta,onnxruntime_cpu,1,10\nalbert/base,onnxruntime_cpu,1,4\nyolov5n,onnxruntime_cpu,1,5\n")
        .With("traces/model_variants/bert", "roberta,90\nalbert/base,100\nunprofiled,95")
        .With("traces/model_variants/yolo", "yolov5n,100")
        .With("traces/twitter/asplos/low_load/1.5x/bert.txt", "9,1,113\n")
        .With("traces/twitter/asplos/low_load/1.5x/yolo.txt", "7,1,50\n8000,1,45\n")
        .With("traces/twitter/asplos/medium-normal_load/300/bert.txt", "")
        .With("traces/twitter/asplos/medium-normal_load/300/yolo.txt", "1,1,300\n")
        .With("traces/twitter/asplos/medium-normal_load/300/traces_total.pdf", "")
        .With("traces/twitter/asplos/empty/300/notes.pdf", "");

    private void Loki()
    {
        const string Sink = """{ "task": "sink", "model_variants": ["sink"], "children": [] }""";
        _clone
            .With("profiling/profiled/branching.csv", ",model,mult_factor,car_classification,facial_recognition\n0,yolov5n,4,0.75,0.25\n1,yolov5x,10,0.9,0.1\n")
            .With("src/simulator/profiling/simulator_runtimes.csv", ",Model,Accel,batchsize,50th_pct\n" + string.Concat(
                ((string[])["yolov5n", "yolov5x", "efficientnet-b0", "genderNet", "source", "sink", "clip"]).Select((m, i) => $"{i},{m},onnxruntime_cpu,1,{i + 5}\n")))
            .With("src/simulator/traces/apps/traffic_analysis/traffic_analysis.json", $$"""
                { "latencySLOInMSec": 250, "root": { "task": "object_detection", "children": [
                  { "task": "car_classification", "children": [{{Sink}}] }, { "task": "facial_recognition", "children": [{{Sink}}] } ] } }
                """)
            .With("src/simulator/traces/apps/social_media/social_media.json", $$"""
                { "latencySLOInMSec": 300, "root": { "task": "source", "children": [ { "task": "image_captioning", "children": [{{Sink}}] } ] } }
                """)
            .With("src/simulator/traces/apps/other/other.json", "{}")
            .With("src/simulator/traces/model_variants/traffic_analysis/object_detection", "yolov5n,55.5\nyolov5x,100")
            .With("src/simulator/traces/model_variants/traffic_analysis/car_classification", "efficientnet-b0,91\nefficientnet-b7,100")
            .With("src/simulator/traces/model_variants/traffic_analysis/facial_recognition", "genderNet,98")
            .With("src/simulator/traces/model_variants/social_media/source", "source,100")
            .With("src/simulator/traces/model_variants/social_media/image_captioning", "clip,83");
    }

    private void InfAdapter()
    {
        var rows = new System.Text.StringBuilder("ARCH,CPU,SLA,capacity,saturation_tp\n");
        foreach (var cores in (int[])[1, 2, 4, 8, 16, 20])
        {
            // The line is fitted on five of the numbers of cores: the last is another.
            rows.Append(CultureInfo.InvariantCulture, $"18,{cores},750,{(cores == 20 ? 1 : (10.3 * cores) - 5.5)},{12 * cores}\n");
            rows.Append(CultureInfo.InvariantCulture, $"18,{cores},500,{(5.07 * cores) - 2.75},{12 * cores}\n");
        }

        _clone
            .With("auto_tuner/adapter/capacity_result_Feb_21.csv", rows.ToString())
            .With("auto_tuner/starter.py", "import os\n\n# load_times = { 34: 1 }\nbaseline_accuracies = {\n    18: .69758,\n}\n\nload_times = {\n    18: 6.44,\n}\n")
            .With("auto_tuner/dataset/twitter_trace/workload.tbz2", Archive.Value);
    }

    private static byte[] TarBz2(string text)
    {
        using var packed = new MemoryStream();
        using (var bz2 = new BZip2OutputStream(packed) { IsStreamOwner = false })
        using (var tar = new TarWriter(bz2))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "trace"));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "trace/workload.txt") { DataStream = new MemoryStream(System.Text.Encoding.ASCII.GetBytes(text)) });
        }

        return packed.ToArray();
    }

    private void Ipa() => _clone
        .With("profile_base_allocation.csv", "pipeline,stage,variant,cores,batch,throughput_rps,latency_p99_s\naudio-qa,audio,small,1,1,50,0.1\naudio-qa,audio,large,2,1,40,0.3\naudio-qa,qa,base,1,1,90,0.2\naudio-qa,qa,base,1,2,90,0.5\n")
        .With("data/configs/accuracies.yaml", "# accuracies\naudio-qa:\n  audio:\n    # negative word error rates\n    small: -41.26\n    large: -35\n  qa:\n    base: 82.9\nvideo:\n  crop:\n    n: 45.7\n")
        .With("data/configs/final/sample-video.yaml", "pipeline_name: video\n")
        .With("data/configs/final/sample-audio-qa.yaml", "pipeline_name: audio-qa\ntimeout: 1\ntimeout: 2\nnodes:\n  - node_name: audio\n    replicas: 1\n  - node_name: qa\nsla_factor: 5\nalpha: 10\nbeta: 0.5\nlatency_margin: 100\nthroughput_margin: -50 # percent\n")
        .With("load_tester/barazmoon/twitter/workload.txt", string.Join(' ', Enumerable.Repeat("80", 1_769_400)));
}
