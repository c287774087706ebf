namespace ServerlessLoki.TestModels;

/// <summary>Small models with the inputs and outputs of published ones, whose answers can be worked out by hand.</summary>
internal static class TextModels
{
    /// <summary>Words of <see cref="Vocabulary"/>; their ids follow the five special tokens.</summary>
    public static readonly string[] Words = ["good", "bad", "red", "blue", "car", "the", "is", "rouge", "bleu", "voiture", "la", "est"];

    /// <summary>Special tokens, then the words, a line each.</summary>
    public static string Vocabulary(params string[] words) => string.Join('\n', ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. words]) + "\n";

    private static int Size => Words.Length + 5;

    /// <summary>wav2vec 2.0 for CTC: <c>input_values</c> [N, T] → <c>logits</c> [N, T, classes]. A sample of c ÷ 64 is class c.</summary>
    public static byte[] Speech(int classes) => new TinyOnnx().Input("input_values", TinyOnnx.Float, "batch", "samples").Output("logits", TinyOnnx.Float, "batch", "frames", classes)
        .Constant("last", new long[] { 2 }, 1).Constant("scale", [64f], 1).Constant("classes", [.. Enumerable.Range(0, classes).Select(static c => (float)c)], 1, 1, classes)
        .Node("Unsqueeze", ["input_values", "last"], ["column"]).Node("Mul", ["column", "scale"], ["scaled"]).Node("Sub", ["scaled", "classes"], ["far"])
        .Node("Mul", ["far", "far"], ["square"]).Node("Neg", ["square"], ["logits"]).ToBytes();

    /// <summary>Samples that <see cref="Speech"/> hears as a text; class 0 is nothing, the others are the characters of the dictionary.</summary>
    public static double[] Say(string text, string characters) =>
        [.. text.SelectMany(c => new[] { 0.0, (1 + characters.IndexOf(c, StringComparison.Ordinal)) / 64.0 })];

    /// <summary>A BERT for SQuAD: the answer is the first word of the context that is in the question too.</summary>
    public static byte[] Answers(float weight = 9) => Encoder().Input("token_type_ids", TinyOnnx.Int64, "batch", "sequence")
        .Output("start_logits", TinyOnnx.Float, "batch", "sequence").Output("end_logits", TinyOnnx.Float, "batch", "sequence")
        .Constant("one", [1f], 1).Constant("weight", [weight], 1).Constant("row", new long[] { 1 }, 1).Constant("column", new long[] { 2 }, 1)
        .Node("Unsqueeze", ["input_ids", "row"], ["ids_row"]).Node("Unsqueeze", ["input_ids", "column"], ["ids_column"])
        .Node("Equal", ["ids_column", "ids_row"], ["same"]).Node("Cast", ["same"], ["same_f"], ("to", 1L))
        .Node("Cast", ["token_type_ids"], ["context"], ("to", 1L)).Node("Sub", ["one", "context"], ["question"])
        .Node("Unsqueeze", ["question", "row"], ["question_row"]).Node("Mul", ["same_f", "question_row"], ["asked"])
        .Node("ReduceMax", ["asked"], ["most"], ("axes", new long[] { 2 }), ("keepdims", 0L)).Node("Mul", ["most", "context"], ["found"])
        .Node("Mul", ["found", "weight"], ["start_logits"]).Node("Identity", ["start_logits"], ["end_logits"]).ToBytes();

    /// <summary>A classifier of texts: <c>logits</c> are the sums of the words' values; words that are not named have none.</summary>
    /// <param name="classes">How many.</param>
    /// <param name="values">[word] its value for each class.</param>
    public static byte[] Judge(int classes, params (string Word, float[] Values)[] values)
    {
        var table = new float[Size * classes];
        foreach (var (word, of) in values)
            of.CopyTo(table, (5 + Array.IndexOf(Words, word)) * classes);
        return Encoder().Output("logits", TinyOnnx.Float, "batch", classes).Constant("table", table, Size, classes).Constant("last", new long[] { 2 }, 1)
            .Node("Gather", ["table", "input_ids"], ["each"]).Node("Cast", ["attention_mask"], ["mask"], ("to", 1L)).Node("Unsqueeze", ["mask", "last"], ["mask_column"])
            .Node("Mul", ["each", "mask_column"], ["kept"]).Node("ReduceSum", ["kept", "tokens"], ["logits"], ("keepdims", 0L)).Constant("tokens", new long[] { 1 }, 1).ToBytes();
    }

    /// <summary>A sequence model with the generation inside: <c>input_ids</c> → <c>sequences</c> [N, 1, T], each id through a table.</summary>
    public static byte[] Translates(params (string From, string To)[] words)
    {
        var table = Enumerable.Range(0, Size).Select(static i => (long)i).ToArray();
        foreach (var (from, to) in words)
            table[5 + Array.IndexOf(Words, from)] = 5 + Array.IndexOf(Words, to);
        return Encoder().Output("sequences", TinyOnnx.Int64, "batch", 1, "length").Constant("table", table, Size).Constant("first", new long[] { 1 }, 1)
            .Node("Gather", ["table", "input_ids"], ["ids"]).Node("Unsqueeze", ["ids", "first"], ["sequences"]).ToBytes();
    }

    /// <summary>The same, cut to its first tokens, the special one included: a short version.</summary>
    public static byte[] Shortens(int tokens) => Encoder().Output("sequences", TinyOnnx.Int64, "batch", 1, "length")
        .Constant("from", new long[] { 0 }, 1).Constant("to", new long[] { tokens }, 1).Constant("axis", new long[] { 1 }, 1)
        .Node("Slice", ["input_ids", "from", "to", "axis"], ["ids"]).Node("Unsqueeze", ["ids", "axis"], ["sequences"]).ToBytes();

    /// <summary>The same with BeamSearch's settings as inputs: its first <c>max_length</c> tokens.</summary>
    public static byte[] Generates() => new TinyOnnx().Input("input_ids", TinyOnnx.Int64, "batch", "sequence").Input("max_length", TinyOnnx.Int64, 1)
        .Input("num_beams", TinyOnnx.Int64, 1).Input("length_penalty", TinyOnnx.Float, 1).Output("sequences", TinyOnnx.Int64, "batch", 1, "length")
        .Constant("from", new long[] { 0 }, 1).Constant("axis", new long[] { 1 }, 1)
        .Node("Slice", ["input_ids", "from", "max_length", "axis"], ["ids"]).Node("Unsqueeze", ["ids", "axis"], ["sequences"]).ToBytes();

    private static TinyOnnx Encoder() => new TinyOnnx().Input("input_ids", TinyOnnx.Int64, "batch", "sequence").Input("attention_mask", TinyOnnx.Int64, "batch", "sequence");
}
