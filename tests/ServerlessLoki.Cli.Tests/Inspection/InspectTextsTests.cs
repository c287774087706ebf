using System.Text.Json;
using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Embedded;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Cli.Tests.Inspection;

/// <summary>Models of texts and of sounds, with the files that lie beside them.</summary>
public sealed class InspectTextsTests : InspectionTests
{
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
        Directory.CreateDirectory(Folder.File("onnx"));
        Write("onnx/model.onnx", Encoder());
        Put("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ngood\n");
        Directory.CreateDirectory(Folder.File("1_Pooling"));
        Put("1_Pooling/config.json", """{ "pooling_mode_cls_token": true }""");
        Directory.CreateDirectory(Folder.File("pipelines"));

        var (code, document, error) = await Cli.JsonAsync("inspect", Folder.File("onnx/model.onnx"), "--write", Folder.File("pipelines/p.json"));

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
}
