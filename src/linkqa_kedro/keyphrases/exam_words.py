"""Words that stand in exam questions of any subject, and so would link everything with everything."""


def word_set(listed: str) -> frozenset[str]:
    """The words of a list written in one string."""
    return frozenset(listed.split())


EXAM_WORDS = word_set(
    """
    following question questions answer answers option options choice choices statement statements correct
    incorrect right wrong true false best most least least-known below above find calculate determine compute
    evaluate express expressed give given gives name named names called known describe describes described
    explain choose select identify show shows shown suppose assume consider consist consists contain contains let
    use used uses using many much number numbers value values result results total amount kind kinds type types
    term terms word words thing things part parts example examples way ways case cases fact facts time times
    year years day days hour hours minute minutes second seconds week weeks month months one two three four
    five six seven eight nine ten first last next new old big large small long short high low different same
    common main major important possible nearest tenth hundredth figure table diagram passage text sentence
    people person man men woman women boy girl mr mrs ms dr lot side sides end start begin place set sets
    form forms group groups item items problem problems solution solutions information process piece pieces
    half difference dollar dollars cent cents meter meters metre metres mile miles inch inches foot feet
    everything something anything someone everyone none neither either both all today million billion thousand
    left order maximum minimum unique satisfy simplify convert solve exceed remaining inclusive list location
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december equal make leave leaves
    ago refer refers study century numerical battle city country world movie rest state
    book human
    """
)
# Exam words that are the matter of a few word problems, and the best that a seed without other phrases can name.
UNIT_WORDS = word_set("hour minute week month dollar cent meter metre mile inch foot hundredth tenth")
HAN_UNIT_WORDS = word_set("小时 分钟 厘米 千米 数字 个数")
HAN_EXAM_WORDS = word_set(
    """
    下列 以下 上述 以上 问题 题目 试题 说法 选项 答案 正确 错误 关于 材料 情况 时候 老师 同学 个数
    结果 部分 内容 方面 方式 方法 过程 其中 之间 时间 数字 数量 小时 分钟 学生 小朋友 小明 小红 小华
    小刚 小丽 人们 人类 人员 作用 特点 原因 目的 意思 意义 影响 表现 结论 条件 步骤 解答 证明 计算
    空格 横线 图中 括号 括号内 单位 厘米 平方 千米 小时后 元素个数 东西 地方 世界 年代 时期 图示
    示意图 如图 表格 数据 现象 对象 事情 事物 总数 一个 两个 三个 四个 第一 第二 年级 杯赛 奥数 竞赛
    初赛 复赛 决赛 期中 期末 模拟 真题 练习 作业 试卷 单选题 多选题 选择题 填空题 关系 依据 主要
    所示 信息 已知 一共 无法 个人 数是 代表 规定 产生 属于 使用 具有 包括 有限时 试人数
    阶段 水平 心理学家 规律 从小到大 由小到大 从大到小 由大到小 顺序排列 一段时间 由此可知 满足条件 完全相同 各不相同
    一模一样 自上而下 自下而上 发生变化 得出结论 密切相关 组成部分 不同之处 共同之处 言之有理 数中 无法确定 不能确定
    有关 标准 等于 变化 范围 个别
    """
)


def says_nothing(key: tuple[str, ...]) -> bool:
    """Whether a phrase is one word that names no matter: an exam word, a number, a lone letter."""
    if len(key) > 1:
        return False
    word = key[0]
    return len(word) < 2 or word.isnumeric() or word in EXAM_WORDS or word in HAN_EXAM_WORDS
