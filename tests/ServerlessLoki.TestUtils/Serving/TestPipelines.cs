using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Tests.Doubles;

/// <summary>Small pipelines that need no model files.</summary>
internal static class TestPipelines
{
    /// <summary>An image pipeline: detections, then two classifications.</summary>
    public static Pipeline Traffic { get; } = PipelineReader.Read(
        """
        {
          "name": "traffic", "sloMs": 100,
          "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
          "tasks": [
            { "name": "detect", "output": { "kind": "detections", "labels": ["car", "person"] },
              "variants": [ { "name": "detect-n", "model": "d.onnx", "accuracy": 0.5 }, { "name": "detect-s", "model": "e.onnx", "accuracy": 0.6 } ] },
            { "name": "vehicle", "output": { "kind": "classification", "labels": ["bus", "van"] },
              "variants": [ { "name": "vehicle-n", "model": "v.onnx", "accuracy": 0.7 }, { "name": "vehicle-s", "model": "w.onnx", "accuracy": 0.8 } ] },
            { "name": "person", "output": { "kind": "classification", "labels": ["adult", "child"] },
              "variants": [ { "name": "person-n", "model": "p.onnx", "accuracy": 0.7 } ] }
          ],
          "edges": [ { "from": "detect", "to": "vehicle", "labels": ["car"] }, { "from": "detect", "to": "person", "labels": ["person"] } ]
        }
        """,
        "traffic.json");

    /// <summary>As <see cref="Traffic"/>, with a verdict on all that was found, and a report on the verdict and the people.</summary>
    public static Pipeline Meeting { get; } = PipelineReader.Read(
        """
        {
          "name": "meeting", "sloMs": 100,
          "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
          "tasks": [
            { "name": "detect", "output": { "kind": "detections", "labels": ["car", "person"] },
              "variants": [ { "name": "look-n", "model": "d.onnx", "accuracy": 0.5 } ] },
            { "name": "vehicle", "output": { "kind": "classification", "labels": ["bus", "van"] },
              "variants": [ { "name": "car-n", "model": "v.onnx", "accuracy": 0.7 } ] },
            { "name": "person", "output": { "kind": "classification", "labels": ["adult", "child"] },
              "variants": [ { "name": "man-n", "model": "p.onnx", "accuracy": 0.7 } ] },
            { "name": "verdict", "join": "all", "output": { "kind": "classification", "labels": ["calm", "busy"] },
              "variants": [ { "name": "verdict-n", "model": "f.onnx", "accuracy": 0.9 } ] },
            { "name": "report", "join": "all", "output": { "kind": "classification", "labels": ["good", "bad"] },
              "variants": [ { "name": "report-n", "model": "r.onnx", "accuracy": 0.9 } ] }
          ],
          "edges": [
            { "from": "detect", "to": "vehicle", "labels": ["car"] }, { "from": "detect", "to": "person", "labels": ["person"] },
            { "from": "vehicle", "to": "verdict", "transforms": [ { "name": "concat", "rows": 2, "size": 6 } ] },
            { "from": "person", "to": "verdict", "transforms": [ { "name": "concat", "rows": 2, "size": 6 } ] },
            { "from": "verdict", "to": "report", "transforms": [ { "name": "concat", "rows": 1, "size": 6 } ] },
            { "from": "person", "to": "report", "transforms": [ { "name": "concat", "rows": 2, "size": 6 } ] } ]
        }
        """,
        "meeting.json");

    /// <summary>One raw tensor in, one out.</summary>
    public static Pipeline Plain { get; } = PipelineReader.Read(
        """
        {
          "name": "plain", "sloMs": 50,
          "input": { "name": "x", "datatype": "FP32", "shape": [-1, 2] },
          "tasks": [ { "name": "scale", "variants": [ { "name": "scale-n", "model": "s.onnx", "accuracy": 1 } ] } ]
        }
        """,
        "plain.json");
}
