using System.Text.Json;
using System.Text.Json.Nodes;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Tokenizer next to a model, as a task's <c>input</c> names it.</summary>
internal static class Tokenizers
{
    private static readonly string[] s_pieces = ["spiece.model", "spm.model", "tokenizer.model", "sentencepiece.bpe.model", "sentencepiece.model"];

    /// <summary>Model types whose ids are not those of their SentencePiece file.</summary>
    private static readonly string[] s_shifted = ["xlm-roberta", "xlm-roberta-xl", "camembert", "mbart", "m2m_100", "nllb", "nllb-moe", "xglm", "xmod", "plbart", "pegasus", "xlnet"];

    /// <summary>Tokenizer classes whose ids are not those of their SentencePiece file; models of another type may have one.</summary>
    private static readonly string[] s_shiftedClasses = ["XLMRoberta", "Camembert", "MBart", "M2M100", "Nllb", "XGLM", "PLBart", "Pegasus", "XLNet", "Barthez"];

    /// <summary>Name of fairseq's SentencePiece files, whose ids are shifted.</summary>
    private const string FairseqFile = "sentencepiece.bpe.model";

    /// <summary>End of a word in the merges of CLIP and of the first GPT, which are not byte-level.</summary>
    private const string EndOfWord = "</w>";

    /// <summary>Makes the task's <c>input</c>; null where there is no supported tokenizer.</summary>
    public static JsonObject? Of(ModelFacts facts)
    {
        var said = facts.Beside.Json("tokenizer_config.json");
        var more = facts.Beside.Json("special_tokens_map.json");
        var kind = facts.Config.Text("model_type");
        if (FileOf(facts) is not { } file)
            return null;
        var input = new JsonObject { ["kind"] = "text", ["tokenizer"] = file };
        var (cls, sep, pad) = (Token(said, more, "cls_token"), Token(said, more, "sep_token"), Token(said, more, "pad_token"));
        var isPieces = Path.GetExtension(file) == ".model";
        if (said.Flag("do_lower_case") is { } lower && (isPieces || Path.GetExtension(file) == ".txt") && lower == isPieces)
            input["lowerCase"] = lower;
        if (cls is not null && sep is not null && !(Path.GetExtension(file) == ".txt" && (cls, sep) == ("[CLS]", "[SEP]")))
        {
            input["first"] = new JsonArray(cls);
            // Models after RoBERTa part a pair by two.
            input["between"] = cls == "<s>" ? new JsonArray(sep, sep) : new JsonArray(sep);
            input["last"] = new JsonArray(sep);
            if (pad is not null)
                input["pad"] = pad;
        }
        else if (isPieces && kind is "t5" or "mt5" or "umt5" or "longt5")
        {
            (input["between"], input["last"]) = (new JsonArray("</s>"), new JsonArray("</s>"));
        }

        if (MaxLength(facts, said, cls) is { } most and not 512)
            input["maxLength"] = most;
        return input;
    }

    /// <summary>Returns why a model that looks like one of texts cannot take texts.</summary>
    public static Limit Missing(ModelFacts facts)
    {
        if (facts.Beside.Find(s_pieces) is { } pieces)
            return new Limit($"token ids of a model of type {facts.Config.Text("model_type")} are not those of its {Path.GetFileName(pieces)}", "clients send token ids");
        return facts.Beside.Find("tokenizer.json") is not null
            ? new Limit(
                "tokenizer.json alone is not read, so that clients send token ids",
                "write vocab.txt, or vocab.json and merges.txt, beside the model: AutoTokenizer.from_pretrained(…).save_pretrained(FOLDER, legacy_format=True); then inspect again")
            : new Limit(
                "the inputs look like token ids, and no tokenizer lies beside the model, so that clients send token ids",
                "put vocab.txt (WordPiece), vocab.json with merges.txt (byte-level BPE) or spiece.model (SentencePiece), and config.json, beside the model; then inspect again");
    }

    private static string? FileOf(ModelFacts facts)
    {
        if (facts.Beside.Find("vocab.txt") is { } words)
            return words;
        if (facts.Beside.Find("vocab.json") is { } bytes && File.Exists(Path.Combine(Path.GetDirectoryName(bytes)!, "merges.txt")))
            return IsByteLevel(bytes) ? bytes : null;
        return facts.Beside.Find(s_pieces) is { } pieces && !IsShifted(facts, pieces) ? pieces : null;
    }

    private static bool IsByteLevel(string vocabulary) =>
        !File.ReadLines(Path.Combine(Path.GetDirectoryName(vocabulary)!, "merges.txt")).Any(static l => l.EndsWith(EndOfWord, StringComparison.Ordinal));

    private static bool IsShifted(ModelFacts facts, string pieces)
    {
        var name = facts.Beside.Json("tokenizer_config.json").Text("tokenizer_class") ?? "";
        return Path.GetFileName(pieces) == FairseqFile || s_shifted.Contains(facts.Config.Text("model_type"), StringComparer.Ordinal)
            || s_shiftedClasses.Any(c => name.StartsWith(c, StringComparison.Ordinal));
    }

    /// <summary>Reads a special token: a text, or an object with one.</summary>
    private static string? Token(JsonElement? said, JsonElement? more, string name) =>
        said.Text(name) ?? said.Object(name).Text("content") ?? more.Text(name) ?? more.Object(name).Text("content");

    private static int? MaxLength(ModelFacts facts, JsonElement? said, string? cls)
    {
        var places = facts.Config.Number("max_position_embeddings");
        double?[] all =
        [
            said.Number("model_max_length"), facts.Beside.Json("sentence_bert_config.json").Number("max_seq_length"),
            // Models after RoBERTa number places from 2.
            cls == "<s>" ? places - 2 : places,
        ];
        var least = all.Where(static l => l is >= TextForm.LeastLength and <= TextForm.MostLength).Min();
        return (int?)least;
    }
}
