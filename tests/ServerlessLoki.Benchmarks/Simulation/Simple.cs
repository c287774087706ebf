using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Benchmarks.Simulation;

/// <summary>Made-up clusters of a plain shape.</summary>
internal static class Simple
{
    public static PlanningProblem OneServer() => Problem(
        """
        { "name": "one", "sloMs": 100, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
          "tasks": [ {"name": "only", "variants": [{"name": "m", "model": "m.onnx", "accuracy": 0.9}]} ] }
        """,
        800, new DeviceType("gpu", 1), [], [("m", 1.0, 0.0)]);

    /// <summary>A detector that finds two to four objects, and a classifier for each.</summary>
    public static PlanningProblem TwoStages(double qps, bool shared = false) => Problem(
        """
        { "name": "two", "sloMs": 250, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
          "tasks": [ {"name": "detect", "variants": [{"name": "d-small", "model": "m.onnx", "accuracy": 0.7}, {"name": "d-large", "model": "m.onnx", "accuracy": 0.9}]},
                     {"name": "classify", "variants": [{"name": "c-small", "model": "m.onnx", "accuracy": 0.8}, {"name": "c-large", "model": "m.onnx", "accuracy": 0.95}]} ],
          "edges": [ {"from": "detect", "to": "classify"} ] }
        """,
        qps, shared ? new DeviceType("gpu", 32, 0.25) : new DeviceType("gpu", 40), [2.2, 3.7],
        [("d-small", 6, 3), ("d-large", 12, 9), ("c-small", 3, 1.5), ("c-large", 6, 4)]);

    private static PlanningProblem Problem(
        string json, double qps, DeviceType device, double[] fanOut, (string Variant, double BaseMs, double RowMs)[] times)
    {
        var pipeline = PipelineReader.Read(json, "benchmark");
        return new PlanningProblem
        {
            Pipelines = [new PipelineDemand(pipeline, qps, new FanOut(fanOut.Length == 0 ? [] : [[.. fanOut]]))],
            Devices = [device],
            Profile = new LatencyProfile(times.SelectMany(t => new[] { 1, 2, 4, 8, 16 }.Where(b => b == 1 || t.RowMs > 0)
                .Select(b => (b, ms: t.BaseMs + (t.RowMs * (b - 1)))).Select(x => new ProfileRow(t.Variant, device.Name, x.b, x.ms, x.ms, x.ms, x.ms)))),
            Options = new PlanningOptions { Utilization = 0.85, FillLeftover = true },
        };
    }
}
