using System.Text.Json;
using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Embedded;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Cli.Tests.Inspection;

/// <summary><c>loki inspect</c>: what it says of models as they are exported, and that the file it writes is served.</summary>
public sealed class InspectCommandTests : InspectionTests
{
    [Fact]
    public async Task Ultralytics_Detector_IsReadByItsMetadata()
    {
        // 64 × 64: 64 + 16 + 4 = 84 places of 4 + 2 values.
        Write("yolo.onnx", Picture(1, 3, 64, 64).Output("output0", TinyOnnx.Float, 1, 6, 84).Constant("shape", [1L, 6, 84], 3).Constant("grow", new float[504], 1, 504)
            .Node("ReduceMean", ["images"], ["mean"], ("axes", new long[] { 1, 2, 3 }), ("keepdims", 0L)).Constant("column", [1L, 1], 2).Node("Reshape", ["mean", "column"], ["one"])
            .Node("MatMul", ["one", "grow"], ["flat"]).Node("Reshape", ["flat", "shape"], ["output0"])
            .Metadata("task", "detect").Metadata("stride", "32").Metadata("imgsz", "[64, 64]").Metadata("names", "{0: 'cat', 1: 'dog'}"));

        var (document, pipeline) = await InspectAsync("yolo.onnx");

        Assert.Equal("object detector", document.GetProperty("looks_like").GetString());
        Assert.Equal("object detector", document.GetProperty("served_as").GetString());
        Assert.Equal(13, document.GetProperty("opsets")[0].GetProperty("version").GetInt64());
        Assert.Equal("letterbox", TaskOf(pipeline).GetProperty("input").GetProperty("resize").GetString());
        Assert.Equal("{\"kind\": \"detections\"}", Compact(TaskOf(pipeline).GetProperty("output")));
        Assert.Contains("its batch is fixed to 1", Limits(document), StringComparison.Ordinal);
        Assert.Contains("batch=8", Limits(document), StringComparison.Ordinal);
        await StartsAsync("classes cat, dog", p => Assert.Equal(["cat", "dog"], p.Tasks[0].Output.Labels));
    }

    [Fact]
    public async Task Ultralytics_OpenSize_IsServedAsTensorsAndSaysTheCure()
    {
        Write("yolo.onnx", Picture("N", 3, "height", "width").Output("output0", TinyOnnx.Float, "N", 3, "height", "width").Node("Identity", ["images"], ["output0"])
            .Metadata("task", "detect").Metadata("stride", "32").Metadata("imgsz", "[640, 640]").Metadata("names", "{0: 'cat'}"));

        var (document, _) = await InspectAsync("yolo.onnx");

        Assert.Equal("tensor model", document.GetProperty("served_as").GetString());
        Assert.Contains("looks like a picture of open size", Limits(document), StringComparison.Ordinal);
        Assert.Contains("dynamic=False imgsz=640", Limits(document), StringComparison.Ordinal);
        await StartsAsync("tensors", static p => Assert.False(p.Input.IsImage));
    }

    [Theory]
    [InlineData("pose", "yolo-pose")]
    [InlineData("obb", "yolo-obb")]
    public async Task Ultralytics_MoreThanBoxes_IsADetectorByItsDecoder(string task, string decoder)
    {
        Write("pose.onnx", Head(4 + 1 + 6, 84).Metadata("task", task).Metadata("stride", "32").Metadata("names", "{0: 'person'}").Metadata("kpt_shape", "[2, 3]"));

        var (document, pipeline) = await InspectAsync("pose.onnx");

        Assert.Equal("object detector", document.GetProperty("served_as").GetString());
        Assert.Equal(decoder, TaskOf(pipeline).GetProperty("output").GetProperty("decoder").GetString());
    }

    [Fact]
    public async Task Yolo_WithoutMetadata_IsToldByTheNumberOfItsPlaces()
    {
        // 64 × 64 has 84 places, 252 with three anchors; of one class [N, 252, 6], which could be rows too.
        Write("v5.onnx", Head(252, 6));
        Write("v8.onnx", Head(7, 84));
        Write("rows.onnx", Head(100, 6));
        Write("vit.onnx", Head(17, 64));
        Write("yolox.onnx", Head(84, 7));

        Assert.Equal("yolo-objectness", await DecoderOfAsync("v5.onnx"));
        Assert.Equal("yolo", await DecoderOfAsync("v8.onnx"));
        Assert.Equal("shape", await DecoderOfAsync("rows.onnx"));
        Assert.Equal("none", await DecoderOfAsync("vit.onnx"));
        Assert.Equal("none", await DecoderOfAsync("yolox.onnx"));
        Assert.Contains("--decode_in_inference", (await Cli.RunAsync("inspect", Folder.File("yolox.onnx"))).Output, StringComparison.Ordinal);

        async Task<string> DecoderOfAsync(string model)
        {
            var (_, pipeline) = await InspectAsync(model, "--overwrite");
            return !TaskOf(pipeline).TryGetProperty("output", out var output) ? "none" : output.TryGetProperty("decoder", out var decoder) ? decoder.GetString()! : "shape";
        }
    }

    [Fact]
    public async Task Classifier_OfThousandClasses_IsTakenForTorchvisions()
    {
        Write("resnet.onnx", Classifier(1000, 224, softmax: false));

        var (document, pipeline) = await InspectAsync("resnet.onnx");

        Assert.Equal("picture classifier", document.GetProperty("served_as").GetString());
        Assert.Equal("{\"kind\": \"image\", \"resize\": \"center-crop\", \"crop\": 0.875, \"mean\": [0.485, 0.456, 0.406], \"std\": [0.229, 0.224, 0.225]}", Compact(TaskOf(pipeline).GetProperty("input")));
        Assert.Equal("{\"kind\": \"classification\", \"scores\": \"logits\", \"topK\": 5}", Compact(TaskOf(pipeline).GetProperty("output")));
        Assert.Contains("as torchvision does for ImageNet", document.GetProperty("assumed").ToString(), StringComparison.Ordinal);
        Assert.Contains("labelsFile", Limits(document), StringComparison.Ordinal);
        await StartsAsync("resnet-1", static p => Assert.True(p.Input.IsImage));
    }

    [Fact]
    public async Task Classifier_OfHuggingFace_TakesWhatLiesBesideIt()
    {
        Write("model.onnx", Classifier(3, 32, softmax: true));
        Put("config.json", """{ "architectures": ["ViTForImageClassification"], "id2label": { "0": "N/A", "1": "cat", "2": "N/A" } }""");
        Put("preprocessor_config.json", """
            { "do_center_crop": true, "size": { "shortest_edge": 40 }, "crop_size": { "height": 32, "width": 32 }, "do_normalize": true,
              "image_mean": [0.5, 0.5, 0.5], "image_std": [0.25, 0.25, 0.25] }
            """);

        var (_, pipeline) = await InspectAsync("model.onnx");

        Assert.Equal("{\"kind\": \"image\", \"resize\": \"center-crop\", \"crop\": 0.8, \"mean\": [0.5, 0.5, 0.5], \"std\": [0.25, 0.25, 0.25]}", Compact(TaskOf(pipeline).GetProperty("input")));
        // The graph ends in a softmax: its values are probabilities.
        Assert.Equal("{\"kind\": \"classification\", \"topK\": 3, \"labels\": [\"N/A\", \"cat\", \"N/A (2)\"]}", Compact(TaskOf(pipeline).GetProperty("output")));
        await StartsAsync("three labels", static p => Assert.Equal(3, p.Tasks[0].Output.Labels.Length));
    }

    [Fact]
    public async Task HuggingFace_PictureOfOpenSize_SaysHowToFixIt()
    {
        Write("model.onnx", new TinyOnnx().Input("pixel_values", TinyOnnx.Float, "batch", "channels", "height", "width").Output("logits", TinyOnnx.Float, "batch", "channels", "height", "width")
            .Node("Identity", ["pixel_values"], ["logits"]));
        Put("preprocessor_config.json", """{ "size": { "height": 384, "width": 384 } }""");
        Put("config.json", "no JSON");

        var (document, _) = await InspectAsync("model.onnx");

        Assert.Equal("tensor model", document.GetProperty("served_as").GetString());
        Assert.Contains("make_dynamic_shape_fixed --input_name pixel_values --input_shape 1,3,384,384 model.onnx fixed-model.onnx", Limits(document), StringComparison.Ordinal);
        Assert.Contains("config.json is not used: ", Limits(document), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Detector_OfSeveralOutputs_IsToldByTheirNames()
    {
        Write("ssd.onnx", new TinyOnnx().Input("image", TinyOnnx.Float, "N", 3, 32, 32).Node("ReduceMean", ["image"], ["bright"], ("axes", new long[] { 1, 2, 3 }), ("keepdims", 1L))
            .Head("boxes", TinyOnnx.Float, [0, 0, 1, 1], new float[4], 1, 4).Head("scores", TinyOnnx.Float, [0.5f], [0f], 1).Head("labels", TinyOnnx.Int64, [0f], [0f], 1));
        Put("classes.txt", "car\nbus\n");

        var (document, pipeline) = await InspectAsync("ssd.onnx");

        Assert.Equal("object detector", document.GetProperty("served_as").GetString());
        Assert.Equal("{\"kind\": \"detections\", \"labelsFile\": \"classes.txt\"}", Compact(TaskOf(pipeline).GetProperty("output")));
        await StartsAsync("car, bus", static p => Assert.Equal(["car", "bus"], p.Tasks[0].Output.Labels));
    }

    [Fact]
    public async Task Tensors_OfAnyKind_AreServedAsTheyAre()
    {
        Write("adder model.onnx", new TinyOnnx().Input("a", TinyOnnx.Int32, "N", 4).Input("b", TinyOnnx.Int32, "N", 4).Output("sum", TinyOnnx.Int32, "N", 4).Node("Add", ["a", "b"], ["sum"]));

        var (document, pipeline) = await InspectAsync("adder model.onnx");

        Assert.Equal("tensor model", document.GetProperty("served_as").GetString());
        Assert.Equal("adder-model", pipeline.GetProperty("name").GetString());
        Assert.Equal(2, document.GetProperty("inputs").GetArrayLength());
        Assert.Equal(0, document.GetProperty("limits").GetArrayLength());
        await StartsAsync("adder model", static p => Assert.Equal("a", p.Input.Name));
    }

    [Fact]
    public async Task Text_SaysWhatJsonSays()
    {
        Write("y.onnx", Classifier(4, 32, softmax: false).Metadata("names", "['a', 'b', 'c', 'd']").Metadata("evil", "\u001b[31mred"));

        var (code, output, error) = await Cli.RunAsync("inspect", Folder.File("y.onnx"));

        Assert.True(code == 0, error);
        Assert.Contains("opset 13, by tiny", output, StringComparison.Ordinal);
        Assert.Contains("  input   images FP32 [-1,3,32,32]", output, StringComparison.Ordinal);
        Assert.Contains("looks like: picture classifier", output, StringComparison.Ordinal);
        // Behind the Identity.
        Assert.Contains("the graph ends in MatMul", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        Assert.Empty(Directory.GetFiles(Folder.Path, "*.json"));
    }

    [Theory]
    [InlineData("gone.onnx", "there is no file")]
    [InlineData("text.onnx", "is no ONNX model, or is damaged")]
    [InlineData("empty.onnx", "is empty, or no regular file")]
    [InlineData("cut.onnx", "is no ONNX model, or is damaged: the field at byte")]
    [InlineData("huge.onnx", "an ONNX file has at most 2 GiB: export it with external data")]
    [InlineData("foreign.onnx", "cannot be loaded")]
    public async Task WhatIsNoModel_IsOneLineAndExits2(string model, string expected)
    {
        Put("text.onnx", "hello, this is no model\n");
        Put("empty.onnx", "");
        var good = Classifier(4, 32, softmax: false).ToBytes();
        File.WriteAllBytes(Folder.File("cut.onnx"), good[..(good.Length / 2)]);
        await using (var huge = File.Create(Folder.File("huge.onnx")))
            huge.SetLength(3L << 30);
        Write("foreign.onnx", new TinyOnnx().Input("x", TinyOnnx.Float, "N", 4).Output("y", TinyOnnx.Float, "N", 4).Node("NoSuchOperator", ["x"], ["y"]));

        var (code, output, error) = await Cli.RunAsync("inspect", Folder.File(model), "--write", Folder.File("p.json"));

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.StartsWith("loki: MODEL: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.False(File.Exists(Folder.File("p.json")));
    }

    [Fact]
    public async Task Write_OverAFile_IsRefusedUnlessToldTo()
    {
        Write("m.onnx", Classifier(4, 32, softmax: false));
        Put("p.json", "mine");

        var refused = await Cli.RunAsync("inspect", Folder.File("m.onnx"), "--write", Folder.File("p.json"));

        Assert.Equal(2, refused.Code);
        Assert.Contains("exists already, allowed: a new file, or --overwrite", refused.Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(Folder.File("p.json")));
        var replaced = await Cli.RunAsync("inspect", Folder.File("m.onnx"), "--write", Folder.File("p.json"), "--overwrite");
        Assert.Equal(0, replaced.Code);
        Assert.Contains("Replaced ", replaced.Output, StringComparison.Ordinal);
        await StartsAsync("m", static p => Assert.True(p.Input.IsImage), "p.json");
    }

    [Fact]
    public async Task Classifier_FlippedChannelsAndShareOfTheCrop_AreTaken()
    {
        Write("model.onnx", Classifier(4, 32, softmax: false));
        Put("preprocessor_config.json", """{ "size": { "shortest_edge": 32 }, "crop_pct": 0.875, "do_flip_channel_order": true, "do_normalize": false }""");

        var (_, pipeline) = await InspectAsync("model.onnx");

        Assert.Equal("{\"kind\": \"image\", \"resize\": \"center-crop\", \"channels\": \"bgr\", \"crop\": 0.875}", Compact(TaskOf(pipeline).GetProperty("input")));
    }

    [Fact]
    public async Task Write_OverWhatTheModelIsALinkTo_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there.");
        Write("real.onnx", Classifier(4, 32, softmax: false));
        File.CreateSymbolicLink(Folder.File("m.onnx"), Folder.File("real.onnx"));

        var run = await Cli.RunAsync("inspect", Folder.File("m.onnx"), "--write", Folder.File("real.onnx"), "--overwrite");

        Assert.Equal(2, run.Code);
        Assert.Contains("is the model itself", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_OverTheModel_IsRefused()
    {
        Write("m.onnx", Classifier(4, 32, softmax: false));
        var before = File.ReadAllBytes(Folder.File("m.onnx"));

        var run = await Cli.RunAsync("inspect", Folder.File("m.onnx"), "--write", Folder.File("m.onnx"), "--overwrite");

        Assert.Equal(2, run.Code);
        Assert.Contains("is the model itself", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Folder.File("m.onnx")));
        Assert.Contains("--overwrite: there is nothing to replace", (await Cli.RunAsync("inspect", Folder.File("m.onnx"), "--overwrite")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_ModelThatIsNotServed_Exits1AndWritesNothing()
    {
        // No pipeline file can name an input of BF16.
        Write("bf16.onnx", new TinyOnnx().Input("x", 16, "N", 4).Output("y", 16, "N", 4).Node("Identity", ["x"], ["y"]));

        var (code, document, error) = await Cli.JsonAsync("inspect", Folder.File("bf16.onnx"), "--write", Folder.File("p.json"));

        Assert.Equal(1, code);
        Assert.Contains("is not written", error, StringComparison.Ordinal);
        Assert.False(document.TryGetProperty("served_as", out _));
        Assert.Contains("it is not served: ", Limits(document), StringComparison.Ordinal);
        Assert.False(File.Exists(Folder.File("p.json")));
    }
}
