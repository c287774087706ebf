using System.Text.Json;
using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Embedded;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Cli.Tests.Inspection;

/// <summary><c>loki inspect</c>: what it says of models as they are exported, and that the file it writes is served.</summary>
public sealed class InspectCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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

    [Fact]
    public async Task Ultralytics_Masks_ArePicturesInAndRawTensorsOut()
    {
        Write("seg.onnx", Picture("N", 3, 64, 64).Output("output0", TinyOnnx.Float, "N", 3, 64, 64).Node("Identity", ["images"], ["output0"])
            .Metadata("task", "segment").Metadata("stride", "32").Metadata("names", "{0: 'cat'}"));

        var (document, pipeline) = await InspectAsync("seg.onnx");

        Assert.Equal("picture model", document.GetProperty("served_as").GetString());
        Assert.False(TaskOf(pipeline).TryGetProperty("output", out _));
        Assert.Contains("masks are answered as raw tensors", Limits(document), StringComparison.Ordinal);
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
        Assert.Contains("--decode_in_inference", (await Cli.RunAsync("inspect", _folder.File("yolox.onnx"))).Output, StringComparison.Ordinal);

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
    public async Task Bert_WithVocabulary_TakesTexts()
    {
        Write("model.onnx", Bert().Output("logits", TinyOnnx.Float, "N", 2).Constant("axes", new float[] { 1, -1 }, 1, 2)
            .Node("Cast", ["attention_mask"], ["real"], ("to", 1L)).Node("ReduceMean", ["real"], ["mean"], ("axes", new long[] { 1 }), ("keepdims", 1L)).Node("MatMul", ["mean", "axes"], ["logits"]));
        Put("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ngood\nbad\n");
        Put("config.json", """{ "architectures": ["BertForSequenceClassification"], "model_type": "bert", "id2label": { "0": "negative", "1": "positive" }, "max_position_embeddings": 128 }""");
        Put("tokenizer_config.json", """{ "do_lower_case": false, "cls_token": "[CLS]", "sep_token": { "content": "[SEP]" }, "pad_token": "[PAD]", "model_max_length": 1000000000000000019884624838656 }""");

        var (document, pipeline) = await InspectAsync("model.onnx");

        Assert.Equal("text classifier", document.GetProperty("served_as").GetString());
        Assert.Equal("{\"kind\": \"text\", \"tokenizer\": \"vocab.txt\", \"lowerCase\": false, \"maxLength\": 128}", Compact(TaskOf(pipeline).GetProperty("input")));
        Assert.Equal("{\"kind\": \"classification\", \"scores\": \"logits\", \"topK\": 2, \"labels\": [\"negative\", \"positive\"]}", Compact(TaskOf(pipeline).GetProperty("output")));
        await StartsAsync("texts", static p => Assert.Equal("BYTES", p.Input.Datatype));
    }

    [Fact]
    public async Task Bert_Encoder_ServesFromAnotherFolder()
    {
        Directory.CreateDirectory(_folder.File("onnx"));
        Write("onnx/model.onnx", Encoder());
        Put("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ngood\n");
        Directory.CreateDirectory(_folder.File("1_Pooling"));
        Put("1_Pooling/config.json", """{ "pooling_mode_cls_token": true }""");
        Directory.CreateDirectory(_folder.File("pipelines"));

        var (code, document, error) = await Cli.JsonAsync("inspect", _folder.File("onnx/model.onnx"), "--write", _folder.File("pipelines/p.json"));

        Assert.True(code == 0, error);
        Assert.Equal("text encoder", document.GetProperty("served_as").GetString());
        var task = TaskOf(document.GetProperty("pipeline"));
        Assert.Equal("../onnx/model.onnx", task.GetProperty("variants")[0].GetProperty("model").GetString());
        Assert.Equal("../vocab.txt", task.GetProperty("input").GetProperty("tokenizer").GetString());
        Assert.Equal("{\"kind\": \"embedding\", \"pooling\": \"cls\"}", Compact(task.GetProperty("output")));
        await StartsAsync("vectors", static p => Assert.True(p.Tasks[0].Output.IsMade), "pipelines/p.json");
    }

    [Fact]
    public async Task Bert_WithoutVocabulary_IsServedAsTensorsAndSaysWhatIsMissing()
    {
        Write("model.onnx", Encoder());
        Put("tokenizer.json", "{}");

        var (document, pipeline) = await InspectAsync("model.onnx");

        Assert.Equal("tensor model", document.GetProperty("served_as").GetString());
        Assert.Equal("{\"name\": \"input_ids\", \"datatype\": \"INT64\", \"shape\": [-1, -1]}", Compact(pipeline.GetProperty("input")));
        Assert.Contains("legacy_format=True", Limits(document), StringComparison.Ordinal);
        await StartsAsync("tensors", static p => Assert.Equal("INT64", p.Input.Datatype));
    }

    [Fact]
    public async Task Roberta_ForQuestions_HasItsOwnSpecialTokens()
    {
        Write("model.onnx", Bert().Output("start_logits", TinyOnnx.Float, "N", "T").Output("end_logits", TinyOnnx.Float, "N", "T")
            .Node("Cast", ["input_ids"], ["start_logits"], ("to", 1L)).Node("Cast", ["attention_mask"], ["end_logits"], ("to", 1L)));
        Put("vocab.json", """{ "<s>": 0, "<pad>": 1, "</s>": 2, "a": 3, "b": 4 }""");
        Put("merges.txt", "#version: 0.2\n");
        Put("config.json", """{ "architectures": ["RobertaForQuestionAnswering"], "model_type": "roberta", "max_position_embeddings": 514 }""");
        Put("special_tokens_map.json", """{ "cls_token": "<s>", "sep_token": { "content": "</s>" }, "pad_token": "<pad>" }""");

        var (document, pipeline) = await InspectAsync("model.onnx");

        Assert.Equal("question answering", document.GetProperty("served_as").GetString());
        Assert.Equal("{\"name\": \"text\", \"datatype\": \"BYTES\", \"shape\": [2]}", Compact(pipeline.GetProperty("input")));
        // 514 places, of which two are never used: 512 tokens, which is what holds without a word.
        Assert.Equal(
            "{\"kind\": \"text\", \"tokenizer\": \"vocab.json\", \"first\": [\"<s>\"], \"between\": [\"</s>\", \"</s>\"], \"last\": [\"</s>\"], \"pad\": \"<pad>\"}",
            Compact(TaskOf(pipeline).GetProperty("input")));
        await StartsAsync("answers", static p => Assert.Equal(ServerlessLoki.Pipelines.TaskOutputKind.Answer, p.Tasks[0].Output.Kind));
    }

    [Fact]
    public async Task Bert_WithVocabularyOfAnotherModel_IsServedAsTensorsAndSaysWhy()
    {
        Write("model.onnx", Encoder());
        Put("vocab.txt", "one\ntwo\n");

        var (document, _) = await InspectAsync("model.onnx");

        Assert.Equal("text encoder", document.GetProperty("looks_like").GetString());
        Assert.Equal("tensor model", document.GetProperty("served_as").GetString());
        Assert.Contains("as text encoder: tokenizer", Limits(document), StringComparison.Ordinal);
        await StartsAsync("tensors", static p => Assert.Equal("INT64", p.Input.Datatype));
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
    public async Task Sound_OfWav2Vec_TakesTheRateOfItsPreprocessor()
    {
        Write("hear.onnx", new TinyOnnx().Input("input_values", TinyOnnx.Float, "N", "T").Output("y", TinyOnnx.Float, "N", "T").Node("Identity", ["input_values"], ["y"]));
        Put("preprocessor_config.json", """{ "feature_extractor_type": "Wav2Vec2FeatureExtractor", "sampling_rate": 8000, "do_normalize": true }""");

        var (document, pipeline) = await InspectAsync("hear.onnx");

        Assert.Equal("sound model", document.GetProperty("served_as").GetString());
        Assert.Equal("{\"kind\": \"audio\", \"rate\": 8000}", Compact(TaskOf(pipeline).GetProperty("input")));
        Assert.Contains("mean 0 and deviation 1", Limits(document), StringComparison.Ordinal);
        await StartsAsync("sounds", static p => Assert.NotNull(p.MaxSoundSeconds));
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

        var (code, output, error) = await Cli.RunAsync("inspect", _folder.File("y.onnx"));

        Assert.True(code == 0, error);
        Assert.Contains("opset 13, by tiny", output, StringComparison.Ordinal);
        Assert.Contains("  input   images FP32 [-1,3,32,32]", output, StringComparison.Ordinal);
        Assert.Contains("looks like: picture classifier", output, StringComparison.Ordinal);
        // Behind the Identity.
        Assert.Contains("the graph ends in MatMul", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.json"));
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
        File.WriteAllBytes(_folder.File("cut.onnx"), good[..(good.Length / 2)]);
        await using (var huge = File.Create(_folder.File("huge.onnx")))
            huge.SetLength(3L << 30);
        Write("foreign.onnx", new TinyOnnx().Input("x", TinyOnnx.Float, "N", 4).Output("y", TinyOnnx.Float, "N", 4).Node("NoSuchOperator", ["x"], ["y"]));

        var (code, output, error) = await Cli.RunAsync("inspect", _folder.File(model), "--write", _folder.File("p.json"));

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.StartsWith("loki: MODEL: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.False(File.Exists(_folder.File("p.json")));
    }

    [Fact]
    public async Task Write_OverAFile_IsRefusedUnlessToldTo()
    {
        Write("m.onnx", Classifier(4, 32, softmax: false));
        Put("p.json", "mine");

        var refused = await Cli.RunAsync("inspect", _folder.File("m.onnx"), "--write", _folder.File("p.json"));

        Assert.Equal(2, refused.Code);
        Assert.Contains("exists already, allowed: a new file, or --overwrite", refused.Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_folder.File("p.json")));
        var replaced = await Cli.RunAsync("inspect", _folder.File("m.onnx"), "--write", _folder.File("p.json"), "--overwrite");
        Assert.Equal(0, replaced.Code);
        Assert.Contains("Replaced ", replaced.Output, StringComparison.Ordinal);
        await StartsAsync("m", static p => Assert.True(p.Input.IsImage), "p.json");
    }

    [Theory]
    [InlineData("sentencepiece.bpe.model", "bert", "")]
    [InlineData("spiece.model", "bert", "CamembertTokenizer")]
    [InlineData("spiece.model", "xlnet", "")]
    public async Task Tokenizer_WhoseIdsAreNotThoseOfItsFile_IsNotTaken(string file, string type, string tokenizer)
    {
        Write("model.onnx", Encoder());
        Put(file, "");
        Put("config.json", $$"""{ "model_type": "{{type}}" }""");
        Put("tokenizer_config.json", $$"""{ "tokenizer_class": "{{tokenizer}}" }""");

        var (document, _) = await InspectAsync("model.onnx");

        Assert.Equal("tensor model", document.GetProperty("served_as").GetString());
        Assert.Contains($"are not those of its {file}", Limits(document), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokenizer_OfClip_IsNotTakenForByteLevel()
    {
        Write("model.onnx", Encoder());
        Put("vocab.json", """{ "a</w>": 0 }""");
        Put("merges.txt", "#version: 0.2\ni n</w>\n");

        var (document, _) = await InspectAsync("model.onnx");

        Assert.Equal("tensor model", document.GetProperty("served_as").GetString());
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
        File.CreateSymbolicLink(_folder.File("m.onnx"), _folder.File("real.onnx"));

        var run = await Cli.RunAsync("inspect", _folder.File("m.onnx"), "--write", _folder.File("real.onnx"), "--overwrite");

        Assert.Equal(2, run.Code);
        Assert.Contains("is the model itself", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_OverTheModel_IsRefused()
    {
        Write("m.onnx", Classifier(4, 32, softmax: false));
        var before = File.ReadAllBytes(_folder.File("m.onnx"));

        var run = await Cli.RunAsync("inspect", _folder.File("m.onnx"), "--write", _folder.File("m.onnx"), "--overwrite");

        Assert.Equal(2, run.Code);
        Assert.Contains("is the model itself", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_folder.File("m.onnx")));
        Assert.Contains("--overwrite: there is nothing to replace", (await Cli.RunAsync("inspect", _folder.File("m.onnx"), "--overwrite")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_ModelThatIsNotServed_Exits1AndWritesNothing()
    {
        // No pipeline file can name an input of BF16.
        Write("bf16.onnx", new TinyOnnx().Input("x", 16, "N", 4).Output("y", 16, "N", 4).Node("Identity", ["x"], ["y"]));

        var (code, document, error) = await Cli.JsonAsync("inspect", _folder.File("bf16.onnx"), "--write", _folder.File("p.json"));

        Assert.Equal(1, code);
        Assert.Contains("is not written", error, StringComparison.Ordinal);
        Assert.False(document.TryGetProperty("served_as", out _));
        Assert.Contains("it is not served: ", Limits(document), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("p.json")));
    }

    private static TinyOnnx Picture(params object[] shape) => new TinyOnnx().Input("images", TinyOnnx.Float, shape);

    private static TinyOnnx Classifier(int classes, int side, bool softmax)
    {
        var model = Picture("N", 3, side, side).Output("scores", TinyOnnx.Float, "N", classes).Constant("weights", new float[3 * classes], 3, classes)
            .Node("GlobalAveragePool", ["images"], ["pooled"]).Node("Flatten", ["pooled"], ["flat"], ("axis", 1L)).Node("MatMul", ["flat", "weights"], ["logits"]);
        return softmax ? model.Node("Softmax", ["logits"], ["scores"], ("axis", 1L)) : model.Node("Identity", ["logits"], ["scores"]);
    }

    /// <summary>A picture of 64 × 64 in, [N, a, b] out.</summary>
    private static TinyOnnx Head(long a, long b) => Picture("N", 3, 64, 64).Output("output0", TinyOnnx.Float, "N", a, b).Constant("weights", new float[3 * a * b], 3, a * b)
        .Constant("shape", [-1L, a, b], 3).Node("GlobalAveragePool", ["images"], ["pooled"]).Node("Flatten", ["pooled"], ["flat"], ("axis", 1L))
        .Node("MatMul", ["flat", "weights"], ["values"]).Node("Reshape", ["values", "shape"], ["output0"]);

    private static TinyOnnx Bert() => new TinyOnnx().Input("input_ids", TinyOnnx.Int64, "N", "T").Input("attention_mask", TinyOnnx.Int64, "N", "T");

    /// <summary>[N, T, 2]: a token's id, and its mask.</summary>
    private static TinyOnnx Encoder() => Bert().Output("last_hidden_state", TinyOnnx.Float, "N", "T", 2).Constant("two", [2L], 1)
        .Node("Cast", ["input_ids"], ["i"], ("to", 1L)).Node("Cast", ["attention_mask"], ["m"], ("to", 1L))
        .Node("Unsqueeze", ["i", "two"], ["ids"]).Node("Unsqueeze", ["m", "two"], ["mask"]).Node("Concat", ["ids", "mask"], ["last_hidden_state"], ("axis", 2L));

    private void Put(string name, string text) => File.WriteAllText(_folder.File(name), text);

    private void Write(string name, TinyOnnx model) => File.WriteAllBytes(_folder.File(name), model.ToBytes());

    /// <summary>Inspects and writes; what is written is what the document says.</summary>
    private async Task<(JsonElement Document, JsonElement Pipeline)> InspectAsync(string model, params string[] more)
    {
        var (code, document, error) = await Cli.JsonAsync(["inspect", _folder.File(model), "--write", _folder.File("pipeline.json"), .. more]);
        Assert.True(code == 0, error);
        using var written = JsonDocument.Parse(File.ReadAllText(_folder.File("pipeline.json")));
        Assert.Equal(JsonSerializer.Serialize(document.GetProperty("pipeline")), JsonSerializer.Serialize(written.RootElement));
        return (document, written.RootElement.Clone());
    }

    /// <summary>Starts what was written, as <c>loki up</c> does.</summary>
    private async Task StartsAsync(string what, Action<ServerlessLoki.Pipelines.Pipeline> check, string file = "pipeline.json")
    {
        var options = new EmbeddedHostOptions { PipelineFiles = [_folder.File(file)], DataDirectory = _folder.File("data"), Port = 0 };
        var host = await ServedHost.StartAsync(options, TestContext.Current.CancellationToken);
        await using (host)
        {
            Assert.True(host.Engine.Pipelines.Count == 1, what);
            check(host.Engine.Pipelines[0].Pipeline);
        }
    }

    private static JsonElement TaskOf(JsonElement pipeline) => pipeline.GetProperty("tasks")[0];

    private static string Limits(JsonElement document) => document.GetProperty("limits").ToString();

    private static string Compact(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(", ", element.EnumerateObject().Select(static p => $"\"{p.Name}\": {Compact(p.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(", ", element.EnumerateArray().Select(Compact)) + "]",
        _ => element.GetRawText(),
    };
}
